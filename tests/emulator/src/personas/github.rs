//! Users and organizations at GitHub.

/// A GitHub user.
#[derive(Debug)]
pub struct Account {
    /// The id, which does not change with the login.
    pub id: u64,
    /// The login.
    pub login: &'static str,
    /// The organizations, in listing order.
    pub organizations: &'static [Organization],
}

/// An organization.
#[derive(Debug)]
pub struct Organization {
    /// Its id.
    pub id: u64,
    /// Its login.
    pub login: &'static str,
    /// Its description.
    pub description: &'static str,
}

pub(super) const ZOFIA: Account = Account {
    id: 583231,
    login: "zofia-nowak",
    organizations: &[
        one(9919101, "contoso", "Contoso’s open source"),
        one(9919102, "contoso-labs", "Experiments & leftovers"),
        one(9919103, "contoso-lodz", "Łódź"),
        one(9919104, "rust-warsaw", "A user group"),
        one(9919105, "polish-open-data", "Open data"),
    ],
};

pub(super) const AMARA: Account = Account { id: 583232, login: "amara-okafor", organizations: &[] };

pub(super) const MINH_ANH: Account = Account {
    id: 583233,
    login: "minhanh",
    organizations: &[
        one(9919101, "contoso", "Contoso’s open source"),
        one(9919205, "fabrikam", "Fabrikam"),
    ],
};

pub(super) const JOAQUIN: Account = Account { id: 583234, login: "jherrera", organizations: &[] };

pub(super) const HARUKI: Account = Account {
    id: 583235,
    login: "haruki-sato",
    organizations: &[one(9919205, "fabrikam", "Fabrikam")],
};

pub(super) const SIGRID: Account =
    Account { id: 583236, login: "sigrid-halvorsen", organizations: &[] };

const fn one(id: u64, login: &'static str, description: &'static str) -> Organization {
    Organization { id, login, description }
}
