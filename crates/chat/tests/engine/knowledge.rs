//! Citations of tools, and passages for models that cannot ask for them.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use tidewire_domain::{
    Capability, Citation, DocumentId, FinishReason, KnowledgeError, KnowledgeIndex, ModelEvent,
    Part, Passage, PassageQuery, PrincipalId, Tool, ToolAnswer, ToolCall, ToolContext, ToolError,
    ToolSpec, TurnEvent, read_passages,
};

use crate::scene::{Call, Scene, Seen, read_all, reason_of};

/// A tool that cites two passages with each answer, and is not offered to Bob.
pub(crate) struct Quoting(ToolSpec);

impl Quoting {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "quote".into(),
            description: "Quotes.".into(),
            parameters: json!({"type": "object"}),
        })
    }
}

#[async_trait]
impl Tool for Quoting {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn is_offered_to(&self, principal: &PrincipalId) -> bool {
        principal.as_str() != "bob"
    }

    async fn call(
        &self,
        context: &ToolContext,
        _: &serde_json::Value,
    ) -> Result<ToolAnswer, ToolError> {
        let cite = |index| Citation {
            index,
            title: context.principal.to_string(),
            locator: context.call_id.clone(),
            snippet: context.turn_id.to_string(),
            document_id: context.conversation_id.to_string(),
        };
        let first = context.next_citation;
        Ok(ToolAnswer {
            content: format!("[{first}] and [{}]", first + 1),
            citations: vec![cite(first), cite(first + 1)],
        })
    }
}

/// Everybody's documents say this of everything; nobody's but Ada's are there.
struct OneBook;

#[async_trait]
impl KnowledgeIndex for OneBook {
    async fn search(
        &self,
        principal: &PrincipalId,
        query: &PassageQuery,
    ) -> Result<Vec<Passage>, KnowledgeError> {
        if query.text.contains("broken") {
            return Err(KnowledgeError::Unavailable("no".into()));
        }
        let passage = Passage {
            document_id: DocumentId::new(),
            title: format!("The book of {principal}"),
            text: format!("It says: {}", query.text),
            locator: "p. 1".into(),
            score: 1.0,
        };
        let long = Passage {
            text: "long ".repeat(10_000),
            ..passage.clone()
        };
        Ok(vec![passage.clone(), passage, long])
    }

    async fn has_documents(&self, _: &PrincipalId) -> Result<bool, KnowledgeError> {
        Ok(true)
    }
}

fn quote(call: &Call, call_id: &str) {
    call.event(ModelEvent::ToolCall(ToolCall {
        call_id: call_id.into(),
        name: "quote".into(),
        arguments: json!({}),
    }));
    call.event(ModelEvent::Finished(FinishReason::ToolCalls));
}

fn citations(seen: &[Seen]) -> Vec<Citation> {
    let events = seen.iter().filter_map(|seen| match seen {
        Seen::Event(_, TurnEvent::Citation(citation)) => Some(citation.clone()),
        _ => None,
    });
    events.collect()
}

#[tokio::test]
async fn citations_of_tools_are_numbered_through_the_turn_and_stand_before_the_result() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "quote twice").await;
    quote(&scene.call().await, "c1");
    quote(&scene.call().await, "c2");
    let last = scene.call().await;
    let told = format!("{:?}", last.request.messages);
    assert!(
        told.contains("[1] and [2]") && told.contains("[3] and [4]"),
        "{told}"
    );
    last.finish();
    let seen = read_all(&mut tail).await;
    let cited = citations(&seen);
    assert_eq!(
        cited.iter().map(|one| one.index).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
    assert_eq!(
        (cited[0].title.as_str(), cited[0].locator.as_str()),
        ("ada", "c1")
    );
    assert_eq!(cited[2].locator, "c2");
    assert_eq!(cited[0].document_id, conversation.id.to_string());
    let kinds: Vec<_> = seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Event(_, TurnEvent::Citation(_)) => Some("citation"),
            Seen::Event(_, TurnEvent::ToolResult(_)) => Some("result"),
            _ => None,
        })
        .collect();
    let each = ["citation", "citation", "result"];
    assert_eq!(kinds, [each, each].concat());
    // They are part of the message, for whoever reads it later.
    let message = scene.messages(&conversation).await.pop().unwrap();
    let parts = message.parts.iter();
    assert_eq!(
        parts
            .filter(|part| matches!(part, Part::Citation(_)))
            .count(),
        4
    );
    // The next turn counts from 1.
    let mut tail = scene.ask(&conversation, "once more").await;
    quote(&scene.call().await, "c1");
    scene.call().await.finish();
    assert_eq!(citations(&read_all(&mut tail).await)[0].index, 1);
}

#[tokio::test]
async fn models_are_told_of_the_tools_that_are_offered_to_the_user() {
    let mut scene = Scene::new();
    for (name, is_offered) in [("ada", true), ("bob", false)] {
        scene.principal = PrincipalId::new(name);
        let conversation = scene.conversation().await;
        let mut tail = scene.ask(&conversation, "hello").await;
        let call = scene.call().await;
        let mut tools = call.request.tools.iter();
        assert_eq!(tools.any(|tool| tool.name == "quote"), is_offered);
        call.finish();
        read_all(&mut tail).await;
    }
}

#[tokio::test]
async fn a_model_without_tools_is_shown_passages_before_the_question() {
    let scene = Scene::with_knowledge(Vec::new(), Arc::new(OneBook));
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "what of tides?").await;
    let call = scene.call().await;
    assert!(call.request.tools.is_empty());
    let [Part::Text { text: context }, Part::Text { text: question }] =
        &call.request.messages.last().unwrap().parts[..]
    else {
        panic!("{:?}", call.request.messages);
    };
    assert_eq!(question, "what of tides?");
    // The third would take more than a quarter of the model's window.
    let shown = read_passages(context);
    assert_eq!(
        shown.iter().map(|one| one.number).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(shown[0].text, "It says: what of tides?");
    assert_eq!(shown[0].title, "The book of ada");
    call.text("As [1] says.");
    call.finish();
    let cited = citations(&read_all(&mut tail).await);
    assert_eq!(
        cited.iter().map(|one| one.index).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(cited[0].snippet, shown[0].text);
    // What is stored is what the user said; the next turn has passages of its own.
    let stored = &scene.messages(&conversation).await[0];
    assert_eq!(stored.parts.len(), 1);
    let mut tail = scene.ask(&conversation, "and the moon?").await;
    let call = scene.call().await;
    let all = format!("{:?}", call.request.messages);
    assert!(
        all.contains("It says: and the moon?") && !all.contains("It says: what of"),
        "{all}"
    );
    call.finish();
    read_all(&mut tail).await;
}

#[tokio::test]
async fn a_search_that_fails_keeps_no_answer_back() {
    let scene = Scene::with_knowledge(Vec::new(), Arc::new(OneBook));
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "broken?").await;
    let call = scene.call().await;
    assert_eq!(call.request.messages.last().unwrap().parts.len(), 1);
    call.finish();
    let seen = read_all(&mut tail).await;
    assert_eq!(reason_of(&seen), Some(FinishReason::Stop));
    assert_eq!(citations(&seen), []);
}

#[tokio::test]
async fn a_model_with_tools_asks_for_passages_itself() {
    let scene = Scene::with_knowledge(vec![Capability::Tools], Arc::new(OneBook));
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "what of tides?").await;
    let call = scene.call().await;
    assert_eq!(call.request.messages.last().unwrap().parts.len(), 1);
    call.finish();
    assert_eq!(citations(&read_all(&mut tail).await), []);
}
