//! What an answer looks like, and where it ends.

use futures_util::StreamExt;
use serde_json::Value;
use tidewire_domain::{
    ChatModel, FinishReason, ModelError, ModelEvent, ModelRequest, ResponseFormat,
};

use crate::{DOCUMENTS, ask, model, question, tell};

const BEDROCK: &str = "How do I connect Tidewire to Bedrock?";

#[tokio::test]
async fn an_answer_quotes_verbatim_cites_and_says_what_speaks() {
    let told = ask(BEDROCK).await;
    assert!(
        told.text.starts_with(
            "The documentation has this under **Bedrock** (Models) [1]:\n\nTidewire talks"
        ),
        "{}",
        told.text
    );
    assert!(told.text.contains("I am Tidewire's offline model"));
    let citations = told.citations();
    assert!((1..=3).contains(&citations.len()));
    for (number, citation) in (1..).zip(&citations) {
        assert_eq!(citation.index, number);
        assert!(told.text.contains(&format!("[{number}]")));
        let document = DOCUMENTS.iter().find(|d| d.id == citation.document_id);
        let document = document.expect("a document of ours");
        assert_eq!(citation.title, document.title);
        assert!(
            document
                .markdown
                .contains(citation.snippet.trim_end_matches('…'))
        );
        assert!(citation.snippet.chars().count() <= 300);
    }
    assert_eq!(told.finish(), FinishReason::Stop);
    assert_eq!(told.usage().output_tokens, told.tokens);
    assert_eq!(told.usage().input_tokens, 8);
}

#[tokio::test]
async fn a_citation_follows_the_text_that_names_it() {
    let stream = model(0.0)
        .stream(question(BEDROCK))
        .await
        .expect("an answer");
    let events: Vec<_> = stream.collect().await;
    let mut text = String::new();
    for event in events {
        match event.expect("no error") {
            ModelEvent::TextDelta(token) => text.push_str(&token),
            ModelEvent::Citation(citation) => {
                let mark = format!("[{}]", citation.index);
                let place = text.find(&mark).expect("named before");
                assert!(text.len() - place < 20, "{text}");
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn it_introduces_itself_when_it_is_asked_or_greeted() {
    for text in ["hello", "who are you?", "", "   ", "thanks!"] {
        let told = ask(text).await;
        assert!(
            told.text.starts_with("I am Tidewire's offline model."),
            "{text}"
        );
        assert!(told.text.contains("How do I connect Tidewire to Bedrock?"));
        assert!(told.text.contains("\n- HTTP API"));
        assert!(told.citations().is_empty());
    }
}

#[tokio::test]
async fn the_questions_that_it_suggests_are_answered() {
    for text in [BEDROCK, "How do I use Ollama?", "How do I connect a model?"] {
        let told = ask(text).await;
        assert!(told.text.contains("provider"), "{text}\n{}", told.text);
        assert!(!told.citations().is_empty());
    }
}

#[tokio::test]
async fn the_longest_answer_is_kept() {
    let full = ask(BEDROCK).await;
    for max in [0, 1, 40, full.tokens - 1] {
        let request = ModelRequest {
            max_output_tokens: Some(max),
            ..question(BEDROCK)
        };
        let told = tell(&model(0.0), request).await.expect("an answer");
        assert_eq!(told.tokens, max);
        assert_eq!(told.usage().output_tokens, max);
        assert_eq!(told.finish(), FinishReason::Length);
        assert!(full.text.starts_with(&told.text));
    }
    let request = ModelRequest {
        max_output_tokens: Some(full.tokens),
        ..question(BEDROCK)
    };
    let told = tell(&model(0.0), request).await.expect("an answer");
    assert_eq!(told.finish(), FinishReason::Stop);
    assert_eq!(told.text, full.text);
}

#[tokio::test]
async fn a_stop_sequence_ends_the_answer_before_it() {
    let full = ask(BEDROCK).await;
    let request = ModelRequest {
        stop: vec!["nowhere in there".to_owned(), "[models.".to_owned()],
        ..question(BEDROCK)
    };
    let told = tell(&model(0.0), request).await.expect("an answer");
    let end = full.text.find("[models.").expect("the example is quoted");
    assert_eq!(told.text, full.text[..end]);
    assert_eq!(told.finish(), FinishReason::Stop);
    assert_eq!(told.citations().len(), 1);
}

#[tokio::test]
async fn json_is_valid_and_carries_its_citations() {
    for text in [BEDROCK, "hello", "asdfghjkl"] {
        let request = ModelRequest {
            response_format: ResponseFormat::JsonObject,
            ..question(text)
        };
        let told = tell(&model(0.0), request).await.expect("an answer");
        let object: Value = serde_json::from_str(&told.text).expect("JSON");
        let plain = ask(text).await;
        assert_eq!(object["answer"], plain.text);
        let cited = object["citations"].as_array().expect("an array");
        assert_eq!(cited.len(), plain.citations().len());
        assert_eq!(told.citations(), plain.citations());
        for (one, other) in cited.iter().zip(plain.citations()) {
            assert_eq!(one["document_id"], other.document_id);
            assert_eq!(one["snippet"], other.snippet);
        }
    }
}

#[tokio::test]
async fn a_strict_schema_is_refused() {
    let request = ModelRequest {
        response_format: ResponseFormat::JsonSchema {
            name: "weather".to_owned(),
            schema: serde_json::json!({"type": "object"}),
            strict: true,
        },
        ..question(BEDROCK)
    };
    let refused = tell(&model(0.0), request).await;
    assert!(
        matches!(refused, Err(ModelError::Rejected(_))),
        "{refused:?}"
    );
}
