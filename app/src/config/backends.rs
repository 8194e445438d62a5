//! Name servers.

use portico_oauth::NameServers;

use super::section::section;

section! {
    /// Name servers.
    Backends {
        named_servers: Option<NameServers> = name_servers {
            open: "PORTICO_NAME_SERVERS", key: "name_servers",
            optional: "those of the system",
            help: "name servers for identity providers and clouds, comma separated, with a port unless it is 53. The system's are those of `/etc/resolv.conf`, read again each minute; `/etc/hosts` comes first in either case",
        }
    }
}

impl Backends {
    /// The name servers for identity providers and clouds.
    pub fn name_servers(&self) -> NameServers {
        self.named_servers.clone().unwrap_or_default()
    }
}

/// Addresses of name servers, comma separated.
fn name_servers(text: &str) -> Result<NameServers, String> {
    text.parse().map_err(|_| {
        "write addresses, comma separated, each with its port unless that is 53, such as \
         192.0.2.53 or 127.0.0.1:5353"
            .to_owned()
    })
}
