//! Credentials that are fetched when they are needed, and again before they end.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use tokio::{sync::Mutex, time::timeout};
use tracing::warn;

use crate::{Error, error::told};

/// How long before their end credentials are fetched again.
const BEFORE_END: Duration = Duration::from_mins(5);
/// How long credentials without an end are used, which may be changed in a file meanwhile.
const WITHOUT_END: Duration = Duration::from_mins(15);
/// How long fetching them may take: a `credential_process` may ask a person.
const LONGEST_FETCH: Duration = Duration::from_mins(1);

/// A provider's credentials, kept. Clones share them.
#[derive(Debug, Clone)]
pub struct CredentialsCache(Arc<Cache>);

#[derive(Debug)]
struct Cache {
    provider: SharedCredentialsProvider,
    kept: RwLock<Option<Kept>>,
    /// Held by who fetches: everybody else waits for the same fetch.
    fetch: Mutex<Option<Failure>>,
}

#[derive(Debug, Clone)]
struct Kept {
    credentials: Credentials,
    fetch_again_at: SystemTime,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    reason: String,
}

impl CredentialsCache {
    /// Of this provider, such as the default chain, which keeps nothing itself.
    pub fn new(provider: SharedCredentialsProvider) -> Self {
        Self(Arc::new(Cache {
            provider,
            kept: RwLock::new(None),
            fetch: Mutex::new(None),
        }))
    }

    /// Credentials that are good at this moment. Fails with [`Error::NoCredentials`].
    pub async fn get(&self) -> Result<Credentials, Error> {
        let cache = &*self.0;
        let began = Instant::now();
        let kept = cache.kept();
        let Some(kept) = kept.filter(Kept::is_good) else {
            let mut failure = cache.fetch.lock().await;
            if let Some(kept) = cache.kept().filter(|kept| !kept.is_due()) {
                return Ok(kept.credentials);
            }
            // What failed while this request waited would fail again.
            if let Some(failure) = failure.as_ref().filter(|failure| failure.at >= began) {
                return Err(Error::NoCredentials(failure.reason.clone()));
            }
            return cache.fetch().await.map_err(|reason| {
                *failure = Some(Failure {
                    at: Instant::now(),
                    reason: reason.clone(),
                });
                Error::NoCredentials(reason)
            });
        };
        // They are due, but still good: one request fetches new ones, the others go on.
        if kept.is_due()
            && let Ok(_guard) = cache.fetch.try_lock()
        {
            match cache.fetch().await {
                Ok(credentials) => return Ok(credentials),
                Err(reason) => warn!("the credentials end soon, and there are no others: {reason}"),
            }
        }
        Ok(kept.credentials)
    }
}

/// These credentials, until they end.
impl From<Credentials> for CredentialsCache {
    fn from(credentials: Credentials) -> Self {
        Self::new(SharedCredentialsProvider::new(credentials))
    }
}

impl Cache {
    fn kept(&self) -> Option<Kept> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    async fn fetch(&self) -> Result<Credentials, String> {
        let credentials = timeout(LONGEST_FETCH, self.provider.provide_credentials())
            .await
            .map_err(|_| format!("nobody provided any within {} s", LONGEST_FETCH.as_secs()))?
            .map_err(|error| told(&error))?;
        let now = SystemTime::now();
        if credentials.expiry().is_some_and(|end| end <= now) {
            return Err("those that were provided have expired".to_owned());
        }
        let fetch_again_at = match credentials.expiry() {
            Some(end) => end.checked_sub(BEFORE_END).unwrap_or(now),
            None => now + WITHOUT_END,
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some(Kept {
            credentials: credentials.clone(),
            fetch_again_at,
        });
        Ok(credentials)
    }
}

impl Kept {
    fn is_good(&self) -> bool {
        let end = self.credentials.expiry();
        end.is_none_or(|end| end > SystemTime::now())
    }

    fn is_due(&self) -> bool {
        self.fetch_again_at <= SystemTime::now()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use aws_credential_types::provider::{error::CredentialsError, future};
    use tokio::{join, sync::Semaphore};

    use super::*;

    /// Credentials that are good for so many seconds; the number of the fetch is their id.
    #[derive(Debug)]
    struct Source {
        seconds: Option<u64>,
        fetches: AtomicU32,
        open: Semaphore,
        fails_from: u32,
    }

    impl Source {
        fn new(seconds: Option<u64>, fails_from: u32) -> (Arc<Self>, CredentialsCache) {
            let source = Arc::new(Self {
                seconds,
                fetches: AtomicU32::new(0),
                open: Semaphore::new(100),
                fails_from,
            });
            let provider =
                SharedCredentialsProvider::from(source.clone() as Arc<dyn ProvideCredentials>);
            (source, CredentialsCache::new(provider))
        }
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                self.open.acquire().await.unwrap().forget();
                let number = self.fetches.fetch_add(1, Relaxed) + 1;
                if number >= self.fails_from {
                    return Err(CredentialsError::not_loaded("the well is dry"));
                }
                let end = |seconds| SystemTime::now() + Duration::from_secs(seconds);
                let id = number.to_string();
                let end = self.seconds.map(end);
                Ok(Credentials::new(id, "secret", None, end, "test"))
            })
        }
    }

    async fn id(cache: &CredentialsCache) -> Result<String, String> {
        let credentials = cache.get().await.map_err(|error| error.to_string())?;
        Ok(credentials.access_key_id().to_owned())
    }

    #[tokio::test]
    async fn credentials_are_kept_while_they_are_good() {
        for seconds in [None, Some(3600)] {
            let (source, cache) = Source::new(seconds, 9);
            assert_eq!(id(&cache).await.unwrap(), "1");
            assert_eq!(id(&cache).await.unwrap(), "1");
            assert_eq!(source.fetches.load(Relaxed), 1);
        }
    }

    #[tokio::test]
    async fn new_ones_are_fetched_before_the_end() {
        let (_, cache) = Source::new(Some(200), 3);
        assert_eq!(id(&cache).await.unwrap(), "1");
        assert_eq!(id(&cache).await.unwrap(), "2");
        assert_eq!(
            id(&cache).await.unwrap(),
            "2",
            "the old ones are still good"
        );
    }

    #[tokio::test]
    async fn those_that_have_expired_are_of_no_use() {
        let (_, cache) = Source::new(Some(0), 9);
        let error = id(&cache).await.unwrap_err();
        assert!(error.contains("expired"), "{error}");
    }

    #[tokio::test]
    async fn whoever_comes_while_they_are_fetched_waits_for_them() {
        let (source, cache) = Source::new(None, 9);
        source.open.forget_permits(100);
        let other = cache.clone();
        let (first, second, ()) = join!(id(&cache), id(&other), async {
            // Polled last, when the others wait.
            source.open.add_permits(100);
        });
        assert_eq!((first, second), (Ok("1".into()), Ok("1".into())));
        assert_eq!(source.fetches.load(Relaxed), 1);
    }

    #[tokio::test]
    async fn a_failure_is_told_and_shared_but_not_kept() {
        let (source, cache) = Source::new(None, 1);
        source.open.forget_permits(100);
        let (first, second, ()) = join!(id(&cache), id(&cache), async {
            source.open.add_permits(100);
        });
        assert!(first.unwrap_err().contains("the well is dry"));
        second.unwrap_err();
        assert_eq!(source.fetches.load(Relaxed), 1);
        id(&cache).await.unwrap_err();
        assert_eq!(source.fetches.load(Relaxed), 2);
    }

    #[test]
    fn secrets_are_not_shown() {
        let cache = CredentialsCache::from(Credentials::from_keys("id", "very-secret", None));
        assert!(!format!("{cache:?}").contains("very-secret"));
    }
}
