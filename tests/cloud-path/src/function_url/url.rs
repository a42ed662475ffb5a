//! The URL itself.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    http::request::Parts,
};
use sha2::{Digest, Sha256};
use sigv4_verifier::{Secret, Verifier};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{
    event::{self, Identity, Origin, is_hop_by_hop},
    refusal::Refusal,
};
use crate::{
    body::Body,
    credentials::Account,
    lambda::{Answer, Environments, Invocation},
    listener::{self, Acknowledgement},
    trace::Trace,
};

/// The largest event. A body travels inside it, as a JSON string or as base64, so that a body may
/// be smaller only. (AWS Lambda Developer Guide, "Lambda quotas": 6 MB.)
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;

/// Who may call.
#[derive(Debug, Clone)]
pub(crate) enum Authorization {
    /// Whoever signs with this account's credentials: `AWS_IAM`.
    Iam(Account),
    /// Anybody: `NONE`.
    Nobody,
}

/// A function URL in front of a function.
#[derive(Debug, Clone)]
pub(crate) struct FunctionUrl(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    environments: Environments,
    guard: Option<Guard>,
    trace: Trace,
}

#[derive(Debug)]
struct Guard {
    account: Account,
    region: String,
    secrets: BTreeMap<String, Secret>,
}

impl FunctionUrl {
    /// The URL of a function.
    pub(crate) fn new(
        environments: Environments,
        authorization: Authorization,
        trace: Trace,
    ) -> Self {
        let guard = match authorization {
            Authorization::Iam(account) => Some(Guard {
                region: environments.function().region.clone(),
                secrets: account.secrets(),
                account,
            }),
            Authorization::Nobody => None,
        };
        Self(Arc::new(Shared {
            environments,
            guard,
            trace,
        }))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self, listener: TcpListener) {
        listener::serve(
            listener,
            Acknowledgement::Immediate,
            move |request, peer: SocketAddr| {
                let url = self.clone();
                async move { url.handle(request, peer.ip()).await }
            },
        )
        .await;
    }

    async fn handle(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let request_id = Uuid::new_v4().to_string();
        let (parts, body) = request.into_parts();
        // CloudFront's name for the request, so that its lines and ours can be read together.
        let behind = parts.headers.get("x-amz-cf-id");
        let behind = behind.and_then(|id| id.to_str().ok()?.get(..8));
        let behind = behind.map_or_else(String::new, |id| format!(" (CloudFront's {id})"));
        let say = |what: &str| {
            let (method, path) = (&parts.method, parts.uri.path());
            let what = format!("{method} {path}{behind}: {what}");
            self.0.trace.say("function URL", &request_id, what);
        };
        let answered = self.answer(&parts, body, peer, &request_id, &say).await;
        let mut response = match answered {
            Ok(answer) => response(answer),
            Err(refusal) => {
                say(&format!(
                    "{} {}",
                    refusal.status.as_u16(),
                    refusal.error_type
                ));
                refusal.into_response()
            }
        };
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        response
    }

    async fn answer(
        &self,
        parts: &Parts,
        body: Incoming,
        peer: IpAddr,
        request_id: &str,
        say: &impl Fn(&str),
    ) -> Result<Answer, Refusal> {
        let body = read(body).await?;
        let identity = match &self.0.guard {
            Some(guard) => Some(guard.identify(parts, &body)?),
            None => None,
        };
        let trace_id = format!(
            "Root=1-{:08x}-{}",
            epoch_seconds(),
            &Uuid::new_v4().simple().to_string()[..24]
        );
        let origin = Origin {
            peer,
            identity: identity.as_ref(),
            request_id,
            trace_id: &trace_id,
        };
        let event = event::event(parts, &body, &origin).to_string();
        if event.len() > MAX_EVENT_BYTES {
            return Err(Refusal::too_large());
        }
        say(&format!("let in, an event of {} bytes", event.len()));
        let invocation = Invocation {
            request_id: request_id.to_owned(),
            trace_id,
            event: event.into(),
        };
        let answer = self.0.environments.invoke(invocation).await;
        answer.map_err(|error| {
            say(&error.to_string());
            Refusal::of_invocation(&error)
        })
    }
}

impl Guard {
    fn identify(&self, parts: &Parts, body: &[u8]) -> Result<Identity, Refusal> {
        let find = |id: &str| self.secrets.get(id).cloned();
        let hash: [u8; 32] = Sha256::digest(body).into();
        let verified = Verifier::of_lambda(&self.region, find)
            .verify(parts, &hash, SystemTime::now())
            .map_err(|refusal| Refusal::of_signature(&refusal))?;
        Ok(Identity {
            user_arn: self.account.arn(&verified.access_key_id).to_owned(),
            access_key: verified.access_key_id,
        })
    }
}

fn epoch_seconds() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The whole body; of one that no event can hold, only so much that this is certain.
async fn read(mut body: Incoming) -> Result<Bytes, Refusal> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::broken_body())?;
        if let Ok(data) = frame.into_data() {
            whole.extend_from_slice(&data);
        }
        if whole.len() > MAX_EVENT_BYTES {
            return Err(Refusal::too_large());
        }
    }
    Ok(whole.freeze())
}

/// What the function answered, as the URL passes it on.
fn response(answer: Answer) -> Response<Body> {
    let Answer { prelude, body } = answer;
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(prelude.status_code).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    for (name, value) in prelude.headers {
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
        else {
            continue;
        };
        // Streamed answers are chunked, whatever length the function named. That Content-Encoding is
        // taken away was seen by others and is not documented.
        if name == header::CONTENT_LENGTH
            || name == header::CONTENT_ENCODING
            || is_hop_by_hop(&name)
        {
            continue;
        }
        headers.append(renamed(name), value);
    }
    for cookie in prelude.cookies {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Some headers are Lambda's own to set: the function's reach the client under another name. Seen
/// of `Date` and `WWW-Authenticate`; there is no public list.
fn renamed(name: HeaderName) -> HeaderName {
    match name {
        header::DATE => HeaderName::from_static("x-amzn-remapped-date"),
        header::WWW_AUTHENTICATE => HeaderName::from_static("x-amzn-remapped-www-authenticate"),
        name => name,
    }
}
