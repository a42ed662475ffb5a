//! Whether questions find their section.

use tidewire_domain::{ModelRequest, Role};

use crate::{ask, model, says, tell};

/// A newcomer's question, the place that answers it, and what must be quoted from there.
const QUESTIONS: &[(&str, &str, &str)] = &[
    (
        "How do I connect Tidewire to Bedrock?",
        "docs/models.md#Bedrock",
        "```toml\n# The region where the model is enabled\n[models.sonnet]\nprovider = \"bedrock\"\n",
    ),
    (
        "how can i use claude on aws with this?",
        "docs/models.md#Bedrock",
        "provider = \"bedrock\"",
    ),
    (
        "I have an AWS account, what do I write into the config for Claude Sonnet?",
        "docs/models.md#Bedrock",
        "provider = \"bedrock\"",
    ),
    (
        "bedrock",
        "docs/models.md#Bedrock",
        "provider = \"bedrock\"",
    ),
    (
        "which IAM permissions does bedrock need?",
        "docs/models.md#Bedrock › Permissions",
        "InvokeModelWithResponseStream",
    ),
    (
        "how do I stop an answer",
        "docs/turns.md#Stopping an answer",
        "/stop\n```",
    ),
    (
        "can I cancel a reply?",
        "docs/turns.md#Stopping an answer",
        "/stop\n```",
    ),
    (
        "what happens when the process is killed?",
        "docs/turns.md#When the process dies",
        "`interrupted`",
    ),
    (
        "what if the server crashes in the middle of an answer",
        "docs/turns.md#When the process dies",
        "`interrupted`",
    ),
    (
        "how do I run the tests",
        "docs/development.md#Running the tests",
        "cargo test --workspace",
    ),
    (
        "testing",
        "docs/development.md#Running the tests",
        "cargo test --workspace",
    ),
    (
        "which port",
        "docs/configuration.md#Port and address",
        "PORT=3000 cargo run",
    ),
    (
        "What port does it listen on and how can I change it?",
        "docs/configuration.md#Port and address",
        "PORT=3000 cargo run",
    ),
    (
        "how do I add an API key",
        "docs/configuration.md#API keys",
        "[[auth.keys]]",
    ),
    (
        "how to require a bearer token for access",
        "docs/configuration.md#API keys",
        "[[auth.keys]]",
    ),
    (
        "how do I use ollama?",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "vllm",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "connect it to a local llama",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "How do I connect to OpenAI GPT?",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "where is my data stored",
        "docs/configuration.md#Data directory",
        "TIDEWIRE_DATA_DIR",
    ),
    (
        "how do I make a backup",
        "docs/configuration.md#Data directory",
        "copy the directory",
    ),
    (
        "how do I deploy this to lambda",
        "docs/deployment.md#AWS Lambda",
        "npx cdk deploy",
    ),
    (
        "what does it cost when idle",
        "docs/deployment.md#AWS Lambda › Cost while idle",
        "next to nothing",
    ),
    (
        "is there a docker image",
        "docs/deployment.md#Docker",
        "docker build",
    ),
    (
        "which environment variables are there?",
        "docs/configuration.md#Environment variables",
        "TIDEWIRE_STORE__KIND",
    ),
    (
        "how do I use the openai python sdk with it",
        "docs/api.md#OpenAI dialect",
        "from openai import OpenAI",
    ),
    (
        "how do I delete a conversation",
        "docs/api.md#Conversations",
        "DELETE /api/conversations/{id}",
    ),
    (
        "what happens when I reload the page",
        "docs/turns.md#Reading a turn",
        "Last-Event-ID",
    ),
    ("license?", "README.md#License", "MIT or Apache-2.0"),
    (
        "what is Tidewire?",
        "README.md#Tidewire",
        "private, streaming LLM chat service",
    ),
    ("How do I get started?", "README.md#Quickstart", "cargo run"),
    ("how do I install it", "README.md#Quickstart", "cargo run"),
    (
        "what is max_output_tokens",
        "docs/configuration.md#Limits",
        "| `turn.max_output_tokens` | 8192 |",
    ),
    (
        "how do I run clippy",
        "docs/development.md#Lints",
        "cargo clippy",
    ),
    (
        "prometheus metrics",
        "docs/deployment.md#Monitoring",
        "/metrics",
    ),
    (
        "how to hook this up to my aws account",
        "docs/models.md#Bedrock",
        "provider = \"bedrock\"",
    ),
    (
        "can I use gpt-4 with it",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "does it work with lm studio",
        "docs/models.md#OpenAI-compatible servers",
        "provider = \"openai_compatible\"",
    ),
    (
        "I want to interrupt the model",
        "docs/turns.md#Stopping an answer",
        "/stop\n```",
    ),
    (
        "does it survive a restart?",
        "docs/turns.md#When the process dies",
        "`interrupted`",
    ),
    (
        "my connection dropped, is the answer lost?",
        "docs/turns.md#Reading a turn",
        "Last-Event-ID",
    ),
    (
        "how can I protect it with a password",
        "docs/configuration.md#API keys",
        "[[auth.keys]]",
    ),
    (
        "how long can an answer take",
        "docs/turns.md#The longest turn",
        "`timeout`",
    ),
    (
        "list all settings",
        "docs/configuration.md#Configuration",
        "tidewire config",
    ),
    (
        "ThrottlingException",
        "docs/models.md#Bedrock › Throttling",
        "tries again twice",
    ),
    (
        "how fast does the offline model write?",
        "docs/models.md#The offline model",
        "tokens_per_second = 40",
    ),
];

#[tokio::test]
async fn newcomers_questions_find_their_section() {
    let mut misses = Vec::new();
    for (question, place, quoted) in QUESTIONS {
        let told = ask(question).await;
        let found = told
            .citations()
            .first()
            .map(|citation| format!("{}#{}", citation.document_id, citation.locator));
        if found.as_deref() != Some(*place) || !told.text.contains(quoted) {
            misses.push(format!("{question}\n  wanted {place}\n  found  {found:?}"));
        }
    }
    assert!(
        misses.is_empty(),
        "{} misses:\n{}",
        misses.len(),
        misses.join("\n")
    );
}

#[tokio::test]
async fn what_is_not_in_the_documentation_is_not_answered() {
    for question in [
        "who won the world cup in 2022?",
        "what is the capital of france",
        "write a poem about the sea",
        "tell me a joke",
        "how do I bake bread",
        "Wie verbinde ich das mit meinem Konto?",
        "これはどうやって使いますか",
        "translate good morning into spanish",
        "what is 22 plus 20",
        "asdfghjkl",
        "what's the weather in berlin",
    ] {
        let told = ask(question).await;
        assert!(
            told.text
                .starts_with("I found nothing in the documentation"),
            "{question}\n{}",
            told.text
        );
        assert!(told.text.contains("I am Tidewire's offline model"));
        assert!(told.text.contains("\n- Deployment"), "{}", told.text);
        assert!(told.citations().is_empty());
    }
}

#[tokio::test]
async fn a_follow_up_is_understood_from_the_question_before_it() {
    let after = |text: &str| ModelRequest {
        messages: vec![
            says(Role::User, "How do I connect Tidewire to Bedrock?"),
            says(Role::Assistant, "The documentation has this …"),
            says(Role::User, text),
        ],
        ..ModelRequest::default()
    };
    for (text, place) in [
        ("and how?", "Bedrock"),
        ("tell me more", "Bedrock"),
        ("and for vllm?", "OpenAI-compatible servers"),
        ("and which permissions?", "Bedrock › Permissions"),
        ("which port", "Port and address"),
    ] {
        let told = tell(&model(0.0), after(text)).await.expect("an answer");
        let citations = told.citations();
        let found = citations.first().map(|citation| citation.locator.as_str());
        assert_eq!(found, Some(place), "{text}");
    }
}
