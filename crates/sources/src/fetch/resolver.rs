//! Looks names up, and lets no address through that may not be reached.
//!
//! The addresses that are checked are the ones that are connected to: nobody asks again in between,
//! so a name that changes its mind (DNS rebinding) gains nothing.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::reach::{Reach, not_public};

/// A resolver behind which only addresses in reach are found.
pub(super) struct GuardedResolver {
    pub(super) inner: Arc<dyn Resolve>,
    pub(super) reach: Arc<Reach>,
}

/// The system's resolver.
pub(super) struct SystemResolver;

/// A name that leads to an address out of reach.
#[derive(Debug)]
pub(super) struct OutOfReach {
    name: String,
    address: IpAddr,
}

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&not_public(&self.name, self.address))
    }
}

impl std::error::Error for OutOfReach {}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let text = name.as_str().to_owned();
        let found = self.inner.resolve(name);
        let reach = self.reach.clone();
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = found.await?.collect();
            // One bad address condemns the name. A public name has no business inside, and whoever
            // mixes the two may be trying which one is taken.
            match addresses.iter().find(|found| !reach.allows(found.ip())) {
                Some(found) => Err(OutOfReach {
                    name: text,
                    address: found.ip(),
                }
                .into()),
                None => Ok(Box::new(addresses.into_iter()) as Addrs),
            }
        })
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // reqwest puts the URL's port in the place of 0.
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
