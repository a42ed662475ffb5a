//! Texts that nobody would write in good faith, and some that people paste.

use std::sync::LazyLock;

use proptest::prelude::*;
use tidewire_domain::{FinishReason, ModelRequest, Role};
use tidewire_models::offline::{Offline, OfflineConfig};
use tokio::runtime::Runtime;

use crate::{Told, ask, model, question, says, tell};

#[tokio::test]
async fn what_means_something_to_fts5_means_nothing_here() {
    for text in [
        "\"",
        "\"bedrock",
        "NEAR(",
        "NEAR(bedrock port, 5",
        "bedrock AND",
        "OR OR OR",
        "NOT bedrock",
        "body : bedrock",
        "{heading body} : port",
        "- {title} : x",
        "^bedrock",
        "bedr* *",
        "bedrock + port +",
        "'; DROP TABLE passages; --",
        "\0",
        "bedrock\0port",
        "\u{feff}\u{200b}\u{202e}",
        "½ ² Ⅷ ๓ ﷺ",
        "🙂🙂",
        "a\u{301}\u{301}\u{301}",
    ] {
        let told = ask(text).await;
        assert_eq!(told.finish(), FinishReason::Stop, "{text:?}");
        assert!(!told.text.is_empty(), "{text:?}");
    }
}

#[tokio::test]
async fn a_megabyte_is_answered_too() {
    for text in [
        "x".repeat(1 << 20),
        "bedrock ".repeat(1 << 17),
        "how do I connect to Bedrock? ".repeat(1 << 15),
        "日".repeat(1 << 18),
        "\0".repeat(1 << 20),
        "```\n".repeat(1 << 18),
        "[".repeat(1 << 20),
    ] {
        let told = ask(&text).await;
        assert_eq!(told.finish(), FinishReason::Stop);
        assert!(told.usage().input_tokens > 0);
    }
}

#[tokio::test]
async fn an_empty_request_and_an_empty_library_are_no_trouble() {
    let told = tell(&model(0.0), ModelRequest::default())
        .await
        .expect("an answer");
    assert!(told.text.starts_with("I am Tidewire's offline model."));
    let empty = Offline::new(OfflineConfig {
        documents: &[],
        tokens_per_second: 0.0,
    });
    let told = tell(&empty, question("which port"))
        .await
        .expect("an answer");
    assert!(told.text.starts_with("I found nothing"));
}

fn tell_now(request: ModelRequest) -> Told {
    static WARM: LazyLock<(Offline, Runtime)> = LazyLock::new(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .expect("a runtime");
        (model(0.0), runtime)
    });
    let (model, runtime) = &*WARM;
    runtime.block_on(tell(model, request)).expect("an answer")
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>(), before in any::<String>()) {
        let request = ModelRequest {
            messages: vec![
                says(Role::User, &before),
                says(Role::Assistant, ""),
                says(Role::User, &text),
            ],
            ..ModelRequest::default()
        };
        let told = tell_now(request);
        prop_assert!(!told.text.is_empty());
        prop_assert_eq!(told.usage().output_tokens, told.tokens);
    }

    #[test]
    fn any_expression_of_fts5_is_answered(
        text in "((bedrock|port|key|NEAR|AND|OR|NOT|heading|body|9)[\"*^:(){}+,' -]{0,3}){0,12}",
    ) {
        let told = tell_now(question(&text));
        prop_assert_eq!(told.finish(), FinishReason::Stop);
    }
}
