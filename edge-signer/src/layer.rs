//! Signing as a layer before an HTTP client.

use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower::{Layer, Service};

use crate::{CredentialsCache, Error, PayloadHash, Signer};

/// Signs each request that goes to the service below.
///
/// Takes requests with whole bodies, which it hashes: `Request<Bytes>`. The service below gets
/// `Request<Full<Bytes>>`, as hyper's clients want it.
#[derive(Debug, Clone)]
pub struct SignLayer {
    signer: Signer,
    credentials: CredentialsCache,
}

impl SignLayer {
    /// Signs with `signer`, now, with the credentials of that moment.
    pub fn new(signer: Signer, credentials: CredentialsCache) -> Self {
        Self {
            signer,
            credentials,
        }
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = SignService<S>;

    fn layer(&self, inner: S) -> SignService<S> {
        SignService {
            layer: self.clone(),
            inner,
        }
    }
}

/// What [`SignLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct SignService<S> {
    layer: SignLayer,
    inner: S,
}

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum CallError<E> {
    /// The request could not be signed, and was not sent.
    #[error(transparent)]
    Sign(#[from] Error),
    /// The service below failed.
    #[error(transparent)]
    Call(E),
}

impl<S> Service<Request<Bytes>> for SignService<S>
where
    S: Service<Request<Full<Bytes>>, Future: Send> + Clone + Send + 'static,
{
    type Response = S::Response;
    type Error = CallError<S::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(CallError::Call)
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        // The one that is ready is the one that is called.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let SignLayer {
            signer,
            credentials,
        } = self.layer.clone();
        Box::pin(async move {
            let credentials = credentials.get().await?;
            let (mut parts, body) = request.into_parts();
            let hash = PayloadHash::of(&body);
            signer.sign(&mut parts, &hash, &credentials, SystemTime::now())?;
            let request = Request::from_parts(parts, Full::new(body));
            inner.call(request).await.map_err(CallError::Call)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use aws_credential_types::Credentials;
    use http_body_util::BodyExt;
    use tower::{ServiceExt, service_fn};

    use super::*;

    fn layer() -> SignLayer {
        let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", Some("token".into()));
        SignLayer::new(Signer::new("eu-west-1"), credentials.into())
    }

    #[tokio::test]
    async fn a_request_arrives_signed_with_its_body() {
        let echo = service_fn(async |request: Request<Full<Bytes>>| Ok::<_, Infallible>(request));
        let request =
            Request::post("https://abc.lambda-url.eu-west-1.on.aws/a").body("body".into());
        let got = layer().layer(echo).oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = got.into_parts();
        assert_eq!(body.collect().await.unwrap().to_bytes(), "body");
        let header = |name: &str| parts.headers[name].to_str().unwrap();
        assert_eq!(header("host"), "abc.lambda-url.eu-west-1.on.aws");
        assert_eq!(header("x-amz-security-token"), "token");
        assert_eq!(
            header("x-amz-content-sha256"),
            PayloadHash::of(b"body").as_str()
        );
        assert!(header("authorization").contains(
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="
        ));
    }

    #[tokio::test]
    async fn what_cannot_be_signed_is_not_sent() {
        let never = service_fn(async |_: Request<Full<Bytes>>| -> Result<(), Infallible> {
            panic!("it was sent")
        });
        let request = Request::get("/a").body(Bytes::new()).unwrap();
        let error = layer().layer(never).oneshot(request).await.unwrap_err();
        assert!(matches!(error, CallError::Sign(Error::MissingHost)));
    }
}
