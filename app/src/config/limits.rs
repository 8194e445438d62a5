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
            help: "logins per minute from one address (IPv6: one /64) that have not succeeded; more are answered 429. The limit of a /24 (/48) is 4 times as high, that of a /16 (/32) 16 times",
        }
        logins: NonZeroU32 = number {
            open: "PORTICO_LOGINS", key: "logins",
            default: "6000",
            help: "the same in total; above it, the networks with the most logins are answered 429 and all others are served",
        }
        logins_at_once: NonZeroU32 = number {
            open: "PORTICO_LOGINS_AT_ONCE", key: "logins_at_once",
            default: "256",
            help: "concurrent logins that redeem a code or list resources. Half of these permits are reserved, an equal part for each provider; the rest is shared. A login that waits over 2 s is answered 503. Beginning a login has as many permits of its own",
        }
        listing_max_age: Duration = age {
            open: "PORTICO_LISTING_MAX_AGE", key: "listing_max_age",
            default: "15m",
            help: "maximum age of a complete listing that a person's next login reuses, within one process; with `0s` every login lists anew",
        }
        connections: NonZeroU32 = number {
            open: "PORTICO_CONNECTIONS", key: "connections",
            default: "4096",
            help: "concurrent connections. At the limit, idle ones are closed; if none is idle, only health checks and signed-in people are served, and other connections are answered 503",
        }
        connections_per_address: NonZeroU32 = number {
            open: "PORTICO_CONNECTIONS_PER_ADDRESS", key: "connections_per_address",
            default: "512",
            help: "the same for one address (IPv6: one /64); the limit of a /24 (IPv6: /48) is four times as high. Behind a trusted proxy: concurrent requests of one client",
        }
        trusted_proxies: Vec<IpNet> = networks {
            open: "PORTICO_TRUSTED_PROXIES", key: "trusted_proxies",
            default: "",
            help: "networks, comma separated, whose `X-Forwarded-For` names the client",
        }
    }
}

/// A number of at most a million, which tokio's semaphore supports.
pub(super) fn number(text: &str) -> Result<NonZeroU32, String> {
    let number = text.parse().ok().filter(|number: &NonZeroU32| number.get() <= 1_000_000);
    number.ok_or_else(|| "write a whole number from 1 to 1000000".into())
}

/// A duration of at most a day.
fn age(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed
        .filter(|age| *age <= Duration::from_secs(24 * 60 * 60))
        .ok_or_else(|| "write a duration of at most 24h, such as 15m, or 0s".into())
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let networks = items.map(|item| {
        let address = || item.parse::<std::net::IpAddr>().map(IpNet::from);
        item.parse().or_else(|_| address())
    });
    let networks: Result<_, std::net::AddrParseError> = networks.collect();
    let hint = "write the proxies' networks, comma separated, such as 10.0.0.0/8 or 192.0.2.7";
    networks.map_err(|_| hint.into())
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
