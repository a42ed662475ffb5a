//! Which addresses may be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::Url;

use super::shown;
use crate::SourceError;

/// Which addresses a [`Fetcher`](super::Fetcher) connects to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses alone.
    #[default]
    Public,
    /// These networks too, for an intranet. Addresses that hand out a cloud's credentials stay
    /// out of reach, even inside of them.
    Also(Vec<IpNet>),
}

/// IPv4 addresses that are not public, from IANA's registry of special-purpose addresses
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>), and multicast.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // carrier-grade NAT
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 88, 99, 0, 24),  // 6to4 relays
    v4(192, 168, 0, 0, 16),  // private
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // reserved, broadcast
];

/// The IPv6 addresses that are handed out to hosts at all.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// What in [`GLOBAL_V6`] is not public
/// (<https://www.iana.org/assignments/iana-ipv6-special-registry>).
const NOT_PUBLIC_V6: [Ipv6Net; 3] = [
    v6([0x2001, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarks, ORCHID
    v6([0x2001, 0xdb8, 0, 0], 32), // documentation
    v6([0x3fff, 0, 0, 0], 20), // documentation
];

/// Addresses that hold an IPv4 address in the 32 bits after the prefix (6to4).
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0], 16);

/// Addresses that hold an IPv4 address in their last 32 bits (NAT64, RFC 6052).
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0], 96);

/// Where clouds hand out credentials, and what else they serve to every machine inside of them.
const METADATA: [IpAddr; 7] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), // AWS EC2, Google, Azure
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),   // AWS ECS
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),  // AWS EKS
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),   // Azure; in a range that is public
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)), // Alibaba
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)), // AWS EC2
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)), // AWS EKS
];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d]: [u16; 4], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), prefix)
}

impl Reach {
    /// Whether `address` may be connected to.
    ///
    /// An IPv6 address that stands for an IPv4 one (mapped, NAT64, 6to4) is judged as that one.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = embedded(address);
        if METADATA.contains(&address) {
            return false;
        }
        let also = match self {
            Self::Public => false,
            Self::Also(networks) => networks.iter().any(|network| network.contains(&address)),
        };
        also || is_public(address)
    }

    /// Checks what can be told of `url` before any name is looked up: scheme, port, no user name,
    /// and an address that is written out.
    ///
    /// Ports below 1024 belong to other protocols than HTTP, save 80 and 443: a request must not be
    /// a way to talk to a mail server. Above, web servers listen wherever they like.
    pub(super) fn check(&self, url: &Url) -> Result<(), SourceError> {
        let refuse = |why: &str| Err(SourceError::Refused(format!("{} {why}", shown(url))));
        if !matches!(url.scheme(), "http" | "https") {
            return refuse("cannot be read: only http:// and https:// can");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("holds a user name or password: give the address without it");
        }
        if !matches!(url.port_or_known_default(), Some(80 | 443 | 1024..)) {
            return refuse("is not read: of the ports below 1024 only 80 and 443 are");
        }
        let literal: Option<IpAddr> = url
            .host_str()
            .and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        match literal {
            Some(address) if !self.allows(address) => {
                Err(SourceError::Refused(not_public(&shown(url), address)))
            }
            _ => Ok(()),
        }
    }
}

/// Says that `address`, where `what` leads, is out of reach.
pub(super) fn not_public(what: &str, address: IpAddr) -> String {
    format!("{what} leads to {address}, which is not a public address")
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// The IPv4 address that an IPv6 address stands for; any other address as it is.
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [.., a, b, c, d] = v6.octets();
    if v6.to_ipv4_mapped().is_some() || NAT64.contains(&v6) {
        return IpAddr::from([a, b, c, d]);
    }
    if SIX_TO_FOUR.contains(&v6) {
        let [_, _, a, b, c, d, ..] = v6.octets();
        return IpAddr::from([a, b, c, d]);
    }
    address
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn addresses_that_are_not_public_are_out_of_reach() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::1",
            "::127.0.0.1",      // compatible
            "::8.8.8.8",        // compatible, of no use to anybody
            "::ffff:127.0.0.1", // mapped
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::127.0.0.1", // NAT64
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::8.8.8.8", // NAT64 of a local network
            "2002:7f00:1::",      // 6to4 of 127.0.0.1
            "2002:a9fe:a9fe::1",  // 6to4 of 169.254.169.254
            "2001::1",            // Teredo
            "2001:2::1",          // benchmarks
            "2001:10::1",         // ORCHID
            "2001:db8::1",
            "3fff::1",
            "100::1", // discard
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!Reach::Public.allows(address(text)), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_in_reach() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(Reach::Public.allows(address(text)), "{text}");
        }
    }

    #[test]
    fn an_intranet_is_in_reach_where_it_was_named_but_credentials_never_are() {
        let networks = ["10.1.0.0/16", "169.254.0.0/16", "fd00::/8", "0.0.0.0/0"];
        let reach = Reach::Also(
            networks[..3]
                .iter()
                .map(|net| net.parse().unwrap())
                .collect(),
        );
        for (text, allowed) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("127.0.0.1", false),
            ("169.254.1.1", true),
            ("169.254.169.254", false),
            ("::ffff:169.254.169.254", false),
            ("169.254.170.2", false),
            ("fd12::1", true),
            ("fd00:ec2::254", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(reach.allows(address(text)), allowed, "{text}");
        }
        let everything = Reach::Also(vec![networks[3].parse().unwrap()]);
        assert!(!everything.allows(address("169.254.169.254")));
    }

    fn check(url: &str) -> Result<(), SourceError> {
        Reach::Public.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn addresses_are_known_however_they_are_written() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://①②⑦.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://0/",
        ] {
            let error = check(url).unwrap_err();
            assert!(matches!(error, SourceError::Refused(_)), "{url}: {error}");
        }
    }

    #[test]
    fn only_web_addresses_without_credentials_are_read() {
        for (url, why) in [
            ("ftp://example.com/", "http://"),
            ("file:///etc/passwd", "http://"),
            ("gopher://example.com/", "http://"),
            ("http://me:secret@example.com/", "user name"),
            ("http://me@example.com/", "user name"),
            ("http://example.com:22/", "ports"),
            ("http://example.com:25/", "ports"),
            ("http://example.com:0/", "ports"),
        ] {
            let error = check(url).unwrap_err().to_string();
            assert!(error.contains(why), "{url}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        for url in [
            "http://example.com/",
            "https://example.com:443/",
            "https://example.com:8443/",
            "http://example.com:1024/",
            "http://8.8.8.8/",
        ] {
            check(url).unwrap();
        }
    }

    proptest! {
        /// No way of writing an IPv4 address inside an IPv6 one leads around the list.
        #[test]
        fn an_ipv4_address_is_refused_in_every_guise_or_in_none(bits: u32) {
            let plain = Ipv4Addr::from(bits);
            let [a, b, c, d] = plain.octets();
            let words = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
            let allowed = Reach::Public.allows(plain.into());
            for guise in [
                plain.to_ipv6_mapped(),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, words[0], words[1]),
                Ipv6Addr::new(0x2002, words[0], words[1], 0, 0, 0, 0, 1),
            ] {
                prop_assert_eq!(Reach::Public.allows(guise.into()), allowed, "{}", guise);
            }
        }
    }
}
