//! Users of the generic OpenID provider and their environments.

/// A user of the provider.
#[derive(Debug)]
pub struct Account {
    /// The claim `sub`, a GUID.
    pub sub: &'static str,
    /// The environments, in listing order.
    pub environments: &'static [Environment],
}

/// An environment of the provider's API.
#[derive(Debug)]
pub struct Environment {
    /// Its key.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
}

pub(super) const ZOFIA: Account = Account {
    sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e01",
    environments: &[
        one("prod", "Production"),
        one("staging", "Staging"),
        one("test-eu", "Test & Trial, Europe"),
        one("lodz", "Łódź"),
        one("sandbox", "Sandbox"),
    ],
};

pub(super) const AMARA: Account =
    Account { sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e02", environments: &[] };

pub(super) const MINH_ANH: Account = Account {
    sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e03",
    environments: &[one("staging", "Staging"), one("sandbox", "Sandbox")],
};

pub(super) const JOAQUIN: Account =
    Account { sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e04", environments: &[] };

pub(super) const HARUKI: Account = Account {
    sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e05",
    environments: &[one("research", "Fabrikam Research")],
};

pub(super) const SIGRID: Account =
    Account { sub: "2c1d7b6a-58e0-4b1f-8f0e-0a1b2c3d4e06", environments: &[] };

const fn one(key: &'static str, title: &'static str) -> Environment {
    Environment { key, title }
}
