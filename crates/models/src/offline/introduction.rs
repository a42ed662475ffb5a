//! What the offline model says of itself.

use std::fmt::Write;

use super::{Document, answer::Answer, query::read_words, vocabulary::is_stop_word};

/// More titles than these are counted only.
const MAX_TITLES: usize = 24;

const WHO: &str = "I am Tidewire's offline model. There is no language model behind me and I need no network: I search the documentation that is built into this program and quote the passages that fit a question, with their sources.\n\nTo connect a real language model, ask me *How do I connect Tidewire to Bedrock?* or *How do I use Ollama?*";

/// Ends every answer that quotes.
pub(super) const CLOSING: &str = "\n\n---\n\n*I am Tidewire's offline model: I quote its documentation, and no language model is at work here. To connect a real one, ask me: How do I connect a model?*";

/// Says what it is and what it knows.
pub(super) fn introduce(documents: &'static [Document]) -> Answer {
    let mut answer = Answer::of_text(WHO);
    list_titles(&mut answer, documents);
    answer
}

/// Says that nothing was found, what it is and what it knows.
pub(super) fn admit(documents: &'static [Document]) -> Answer {
    let mut answer = Answer::of_text("I found nothing in the documentation that answers this.\n\n");
    answer.push(WHO);
    list_titles(&mut answer, documents);
    answer
}

fn list_titles(answer: &mut Answer, documents: &'static [Document]) {
    if documents.is_empty() {
        return;
    }
    let mut list = String::from("\n\nI know these documents:\n");
    for document in documents.iter().take(MAX_TITLES) {
        list.push_str("\n- ");
        list.push_str(document.title);
    }
    let others = documents.len().saturating_sub(MAX_TITLES);
    if others > 0 {
        // Writing to a string cannot fail.
        let _ = write!(list, "\n- and {others} more");
    }
    answer.push(list);
}

/// Whether a message asks who is there, or only greets.
pub(super) fn is_about_me(message: &str) -> bool {
    const QUESTIONS: &[&str] = &[
        "who are you",
        "who is this",
        "who made you",
        "who built you",
        "what are you",
        "whats your name",
        "your name",
        "what can you",
        "what do you",
        "what model are you",
        "which model are you",
        "which model is this",
        "what model is this",
        "are you a",
        "are you an",
        "are you ai",
        "are you chatgpt",
        "are you claude",
        "are you gpt",
        "are you human",
        "are you real",
        "are you there",
        "about yourself",
        "introduce yourself",
    ];
    const GREETINGS: &[&str] = &[
        "hello",
        "hi",
        "hey",
        "thanks",
        "thank",
        "help",
        "good",
        "ok",
        "okay",
        "test",
        "ping",
        "yo",
        "hallo",
        "greetings",
        "morning",
        "evening",
        "afternoon",
        "day",
    ];
    let words: Vec<String> = read_words(message).take(17).collect();
    let is_greeting = words
        .first()
        .is_none_or(|first| GREETINGS.contains(&first.as_str()))
        && words
            .iter()
            .all(|word| GREETINGS.contains(&word.as_str()) || is_stop_word(word));
    if is_greeting || words.len() > 16 {
        return is_greeting;
    }
    let padded = format!(" {} ", words.join(" "));
    // "What do you store?" asks for something else.
    QUESTIONS.iter().any(|question| {
        padded
            .split_once(&format!(" {question} "))
            .is_some_and(|(before, after)| {
                [before, after].iter().all(|side| {
                    side.split(' ').all(|word| {
                        word.is_empty() || is_stop_word(word) || WITH_ME.contains(&word)
                    })
                })
            })
    })
}

/// Words that may stand beside a question about the model itself.
const WITH_ME: &[&str] = &[
    "ai",
    "assistant",
    "bot",
    "chatbot",
    "chatgpt",
    "claude",
    "gpt",
    "human",
    "language",
    "large",
    "llm",
    "machine",
    "model",
    "offline",
    "person",
    "real",
    "robot",
    "running",
    "tidewire",
    "yourself",
    "hallo",
    "exactly",
    "powered",
    "called",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_questions_about_the_model_are_told_from_others() {
        for message in [
            "",
            "?!",
            "Hello",
            "hi there!",
            "thanks",
            "Hey, who are you?",
            "What can you do?",
            "what model are you",
            "are you a real language model?",
            "Are you Claude?",
            "help",
            "tell me about yourself",
        ] {
            assert!(is_about_me(message), "{message}");
        }
        for message in [
            "hello, how do I connect to bedrock?",
            "What do you store on disk?",
            "and how?",
            "why?",
            "help me run the tests",
            "which model providers are there",
            "how do I run the tests",
            "are you a server that listens on a port?",
        ] {
            assert!(!is_about_me(message), "{message}");
        }
    }

    #[test]
    fn the_titles_are_listed_and_bounded() {
        const DOCUMENT: Document = Document {
            id: "a.md",
            title: "Alpha",
            markdown: "",
        };
        let few: &'static [Document] = &[DOCUMENT; 2];
        let many: &'static [Document] = &[DOCUMENT; 30];
        assert_eq!(introduce(few).pieces.concat().matches("Alpha").count(), 2);
        assert!(introduce(many).pieces.concat().ends_with("and 6 more"));
        assert!(!introduce(&[]).pieces.concat().contains("documents:"));
    }
}
