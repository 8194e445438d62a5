//! The browser that a session belongs to, as far as its login request told: for its person, who finds
//! their sessions by it. It proves nothing, since a request may state any browser.

use std::net::IpAddr;

/// What a login request told about its browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The browser; `None` if it is unknown.
    pub browser: Option<BrowserName>,
    /// The operating system; `None` if it is unknown.
    pub system: Option<SystemName>,
    /// The address that it came from, as a trusted proxy says.
    pub address: IpAddr,
}

/// A closed list of names: so a session stores one byte, and a page never shows text of a request.
macro_rules! names {
    ($(#[$doc:meta])* $type:ident: $($name:ident = $number:literal $text:literal,)+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type {
            $(#[doc = $text] $name = $number,)+
        }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The name for a person.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The number under which stores keep it. A number is never reused.
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The name with this number; `None` if a later version added it.
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.number() == number)
            }
        }
    };
}

names! {
    /// The name of a browser.
    BrowserName:
    Firefox = 1 "Firefox",
    Chrome = 2 "Chrome",
    Edge = 3 "Edge",
    Safari = 4 "Safari",
    Opera = 5 "Opera",
    SamsungInternet = 6 "Samsung Internet",
}

names! {
    /// The name of an operating system.
    SystemName:
    Windows = 1 "Windows",
    MacOs = 2 "macOS",
    Linux = 3 "Linux",
    Android = 4 "Android",
    Ios = 5 "iOS",
    ChromeOs = 6 "ChromeOS",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_number_returns_each_name_and_none_for_an_unknown_number() {
        for name in BrowserName::ALL {
            assert_eq!(BrowserName::from_number(name.number()), Some(*name));
        }
        for name in SystemName::ALL {
            assert_eq!(SystemName::from_number(name.number()), Some(*name));
        }
        assert_eq!((BrowserName::from_number(0), SystemName::from_number(99)), (None, None));
    }
}
