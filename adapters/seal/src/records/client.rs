//! The browser of a session's last login.

use std::net::{IpAddr, Ipv6Addr};

use minicbor::{CborLen, Decode, Encode, bytes::ByteArray};
use portico_domain::session::{self, BrowserName, SystemName};

#[derive(Debug, CborLen, Decode, Encode)]
pub(super) struct Client {
    /// An IPv6 address, or an IPv4 address mapped to one (RFC 4291 section 2.5.5.2).
    #[n(0)]
    address: ByteArray<16>,
    #[n(1)]
    browser: Option<u8>,
    #[n(2)]
    system: Option<u8>,
}

impl Client {
    pub(super) fn of(client: &session::Client) -> Self {
        let address = match client.address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        Self {
            address: address.octets().into(),
            browser: client.browser.map(BrowserName::number),
            system: client.system.map(SystemName::number),
        }
    }

    pub(super) fn read(self) -> session::Client {
        session::Client {
            browser: self.browser.and_then(BrowserName::from_number),
            system: self.system.and_then(SystemName::from_number),
            address: Ipv6Addr::from(*self.address).to_canonical(),
        }
    }
}
