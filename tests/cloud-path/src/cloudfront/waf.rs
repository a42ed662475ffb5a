//! The web ACL: who may come in at all, by the address of the socket and nothing that a header says.

use std::net::IpAddr;

use ipnet::IpNet;

/// Whether an address is on the list.
pub(super) fn allows(list: &[IpNet], peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    list.iter().any(|net| net.contains(&peer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(list: &[&str], peer: &str) -> bool {
        let list: Vec<IpNet> = list.iter().map(|net| net.parse().unwrap()).collect();
        allows(&list, peer.parse().unwrap())
    }

    #[test]
    fn only_listed_ranges_come_in() {
        let list = ["127.0.0.0/29", "2001:db8::/32"];
        assert!(allowed(&list, "127.0.0.7"));
        assert!(!allowed(&list, "127.0.0.8"));
        assert!(allowed(&list, "2001:db8:1::1"));
        assert!(!allowed(&list, "2001:db9::1"));
        assert!(!allowed(&list, "::1"));
        assert!(!allowed(&[], "127.0.0.1"));
    }

    #[test]
    fn an_address_of_version_4_in_one_of_version_6_is_itself() {
        assert!(allowed(&["127.0.0.0/8"], "::ffff:127.0.0.1"));
        assert!(!allowed(&["::/96"], "::ffff:127.0.0.1"));
    }
}
