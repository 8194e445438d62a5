//! Rate and concurrency limits.

use std::{num::NonZeroU32, time::Duration};

use ipnet::IpNet;
use jiff::SignedDuration;

use super::section::section;

section! {
    /// Rate and concurrency limits.
    Limits {
        logins_per_address: NonZeroU32 = number {
            open: "PORTICO_LOGINS_PER_ADDRESS", key: "logins_per_address",
            default: "600",
            help: "logins a minute that are begun from one address (IPv6: one /64) and have not succeeded; more get 429. A /24 (/48) may have 4 times as many, a /16 (/32) 16 times",
        }
        logins: NonZeroU32 = number {
            open: "PORTICO_LOGINS", key: "logins",
            default: "6000",
            help: "the same in all; beyond it the networks that begin most get 429, and everybody else goes on",
        }
        logins_at_once: NonZeroU32 = number {
            open: "PORTICO_LOGINS_AT_ONCE", key: "logins_at_once",
            default: "256",
            help: "logins that redeem and list at once. Half of them are reserved, an equal part for each provider; the rest is for whoever comes first. Who waits over 2 s gets 503 and may come again. As many more may be beginning",
        }
        listing_max_age: Duration = age {
            open: "PORTICO_LISTING_MAX_AGE", key: "listing_max_age",
            default: "15m",
            help: "how old a complete list of what a person reaches may be for their next login to use it again, within one process; `0s` asks the cloud at every login",
        }
        connections: NonZeroU32 = number {
            open: "PORTICO_CONNECTIONS", key: "connections",
            default: "4096",
            help: "connections at once. Where all are taken, those that wait for a request make way; beyond that only health checks and people who are signed in are answered, everybody else gets 503",
        }
        connections_per_address: NonZeroU32 = number {
            open: "PORTICO_CONNECTIONS_PER_ADDRESS", key: "connections_per_address",
            default: "512",
            help: "the same for one address (IPv6: one /64), and four times as many for a /24 (IPv6: /48). Behind a trusted proxy: requests at once of one client",
        }
        trusted_proxies: Vec<IpNet> = networks {
            open: "PORTICO_TRUSTED_PROXIES", key: "trusted_proxies",
            default: "",
            help: "networks, comma separated, whose `X-Forwarded-For` says who the client is",
        }
    }
}

/// At most a million, which a semaphore can count.
pub(super) fn number(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|number: &NonZeroU32| number.get() <= 1_000_000);
    number.ok_or_else(|| "write a whole number from 1 to 1000000".into())
}

/// A duration of a day at most.
fn age(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed
        .filter(|age| *age <= Duration::from_secs(24 * 60 * 60))
        .ok_or_else(|| "write a duration of at most 24h, such as 15m, or 0s".into())
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    let networks = words.map(|word| {
        let address = || word.parse::<std::net::IpAddr>().map(IpNet::from);
        word.parse().or_else(|_| address())
    });
    let networks: Result<_, std::net::AddrParseError> = networks.collect();
    let mend = "write the proxies' networks, comma separated, such as 10.0.0.0/8 or 192.0.2.7";
    networks.map_err(|_| mend.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_accepts_1_to_1000000() {
        assert_eq!(number("60").unwrap().get(), 60);
        for bad in ["0", "-1", "", "1.5", "many", "1000001", "4294967296"] {
            assert!(number(bad).unwrap_err().starts_with("write a whole number"), "{bad}");
        }
    }

    #[test]
    fn listing_max_age_is_a_duration_of_a_day_at_most() {
        assert_eq!(age("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(age("0s"), Ok(Duration::ZERO));
        assert_eq!(age("24h"), Ok(Duration::from_secs(86_400)));
        for bad in ["", "15", "-1m", "24h 1s", "soon"] {
            assert!(age(bad).unwrap_err().starts_with("write a duration"), "{bad}");
        }
    }

    #[test]
    fn networks_accepts_networks_and_addresses() {
        assert_eq!(networks("").unwrap(), []);
        let two = ["10.0.0.0/8", "2001:db8::1/128"].map(|it| it.parse::<IpNet>().unwrap());
        assert_eq!(networks("10.0.0.0/8, 2001:db8::1").unwrap(), two);
        for bad in ["10.0.0.0/33", "proxy.internal", "*"] {
            assert!(networks(bad).unwrap_err().starts_with("write the proxies'"), "{bad}");
        }
    }
}
