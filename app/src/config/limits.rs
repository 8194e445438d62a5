//! How much of Portico anybody may have, as an operator says it.

use std::num::NonZeroU32;

use portico_domain::session::{PersonShare, SessionPolicy};
use portico_http::{Limits, PerMinute, TrustedProxies};

use super::{settings, sources::Sources, values};

pub(super) fn from_sources(s: &mut Sources) -> Option<Limits> {
    let per_address = s.or(settings::LOGINS_PER_ADDRESS, "600", number);
    let in_all = s.or(settings::LOGINS, "6000", number);
    let logins_at_once = s.or(settings::LOGINS_AT_ONCE, "256", number);
    let connections = s.or(settings::CONNECTIONS, "4096", number);
    let of_one = s.or(settings::CONNECTIONS_PER_ADDRESS, "512", number);
    let trusted_proxies = s.or(settings::TRUSTED_PROXIES, "", networks);
    Some(Limits {
        connections: connections?,
        connections_per_address: of_one?,
        logins: PerMinute { per_address: per_address?, in_all: in_all? },
        logins_at_once: logins_at_once?,
        trusted_proxies: trusted_proxies?,
    })
}

/// How much of the store one person may have.
pub(super) fn share_from_sources(s: &mut Sources) -> Option<PersonShare> {
    let sessions = s.or(settings::PERSON_SESSIONS, "20", number);
    let mebibytes = s.or(settings::PERSON_MIB, "16", number);
    let bytes = |mebibytes: NonZeroU32| u64::from(mebibytes.get()) << 20;
    Some(PersonShare {
        sessions: usize::try_from(sessions?.get()).ok()?,
        bytes: usize::try_from(bytes(mebibytes?)).unwrap_or(usize::MAX),
    })
}

/// How long sessions last.
pub(super) fn session_policy_from_sources(s: &mut Sources) -> Option<SessionPolicy> {
    let idle = s.or(settings::IDLE, "8h", values::lifetime);
    let max = s.or(settings::MAX, "24h", values::lifetime);
    let policy = idle.zip(max).map(|(idle, max)| SessionPolicy { idle, max });
    if let Some(fault) = policy.and_then(|policy| values::policy_fault(&policy)) {
        s.fault(settings::IDLE, &fault);
    }
    policy
}

/// Fewer than a semaphore can count.
fn number(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|number: &NonZeroU32| number.get() <= 1_000_000);
    number.ok_or_else(|| "write a whole number from 1 to 1000000".into())
}

fn networks(text: &str) -> Result<TrustedProxies, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let networks = words.map(|word| {
        let address = || word.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        word.parse().or_else(|_| address())
    });
    let networks: Result<_, std::net::AddrParseError> = networks.collect();
    let mend = "write the proxies' networks, comma separated, such as 10.0.0.0/8 or 192.0.2.7";
    networks.map(TrustedProxies::new).map_err(|_| mend.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_that_can_be_counted() {
        assert_eq!(number("60").unwrap().get(), 60);
        for bad in ["0", "-1", "", "1.5", "many", "1000001", "4294967296"] {
            assert!(number(bad).unwrap_err().starts_with("write a whole number"), "{bad}");
        }
    }

    #[test]
    fn proxies_are_networks_or_addresses() {
        assert_eq!(networks("").unwrap(), TrustedProxies::default());
        let two = ["10.0.0.0/8", "2001:db8::1/128"].map(|it| it.parse().unwrap());
        assert_eq!(networks("10.0.0.0/8, 2001:db8::1").unwrap(), TrustedProxies::new(two.into()));
        for bad in ["10.0.0.0/33", "proxy.internal", "*"] {
            assert!(networks(bad).unwrap_err().starts_with("write the proxies'"), "{bad}");
        }
    }
}
