//! Pictures in messages.

use serde_json::json;
use tidewire_tests::{Site, Upstream, assert_whole_log};

#[tokio::test]
async fn a_picture_of_megabytes_reaches_the_model_and_stays() {
    let mut upstream = Upstream::start().await;
    let site = Site::with_model(&json!({
        "id": "seeing",
        "provider": "openai_compatible",
        "base_url": upstream.base_url(),
        "capabilities": ["images"],
    }));
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    // Four megabytes of base64, which holds three.
    let data = "iVBORw0KGgoA".repeat((4 << 20) / 12);
    let image = json!({"type": "image", "media_type": "image/png", "data_base64": data});
    let body = json!({"parts": [{"type": "text", "text": "what is this?"}, image]});
    let stream = client.turn(&conversation, &body).await;
    let asked = upstream.answer("a picture").await;
    assert_whole_log(&stream.rest().await);
    assert!(
        asked["messages"].to_string().contains(&data),
        "it was shown"
    );
    let messages = client.messages(&conversation).await;
    assert_eq!(messages[0]["parts"][1]["data_base64"], data);
}
