//! Any body of `POST /v1/chat/completions` is refused, or is a call that every provider's adapter can
//! put in its own words. In OpenAI's words it is one that we take, too.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tidewire::fuzzing::chat_request;
use tidewire_domain::{ModelRequest, Part};
use tidewire_fuzz::wait_for;
use tidewire_models::{bedrock, openai_compatible};

fn check(request: &ModelRequest) {
    assert!(!request.messages.is_empty());
    for pair in request.messages.windows(2) {
        assert_ne!(
            pair[0].role, pair[1].role,
            "users and assistants take turns"
        );
    }
    for message in &request.messages {
        assert!(!message.parts.is_empty(), "somebody says something");
        for part in &message.parts {
            match part {
                Part::Image(image) => {
                    assert!(image.media_type.starts_with("image/"));
                    assert!(!image.data_base64.is_empty() && image.data_base64.len() % 4 == 0);
                }
                Part::Text { text } => {
                    std::hint::black_box(text);
                }
                Part::ToolCall(_) | Part::ToolResult(_) => {}
                other => panic!("no client can say {other:?}"),
            }
        }
    }
}

fuzz_target!(|body: &[u8]| {
    let Some(request) = wait_for(chat_request(Bytes::copy_from_slice(body))) else {
        return;
    };
    check(&request);
    // Pictures that are none are refused.
    let _ = bedrock::fuzzing::check_request(&request);
    let Ok(bodies) = openai_compatible::fuzzing::request_bodies(&request) else {
        return;
    };
    for body in bodies {
        let body = Bytes::from(body);
        let again = wait_for(chat_request(body.clone()));
        assert!(again.is_some(), "{}", String::from_utf8_lossy(&body));
    }
});
