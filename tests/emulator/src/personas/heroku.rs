//! Accounts and teams at Heroku.

/// A Heroku account.
#[derive(Debug)]
pub struct Account {
    /// The account's id, a GUID.
    pub id: &'static str,
    /// The teams, in listing order.
    pub teams: &'static [Team],
}

/// A team.
#[derive(Debug)]
pub struct Team {
    /// Its id, a GUID; listings are in ascending order of it.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The person's role: `admin`, `member`, `viewer` or `collaborator`.
    pub role: &'static str,
}

pub(super) const ZOFIA: Account = Account {
    id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f01",
    teams: &[
        one("0b3c5d7e-1111-4a6b-8c9d-0e1f2a3b4c01", "contoso", "admin"),
        one("0b3c5d7e-2222-4a6b-8c9d-0e1f2a3b4c02", "contoso-labs", "member"),
        one("0b3c5d7e-3333-4a6b-8c9d-0e1f2a3b4c03", "rust-warsaw", "collaborator"),
    ],
};

pub(super) const AMARA: Account =
    Account { id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f02", teams: &[] };

pub(super) const MINH_ANH: Account = Account {
    id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f03",
    teams: &[one("0b3c5d7e-1111-4a6b-8c9d-0e1f2a3b4c01", "contoso", "member")],
};

pub(super) const JOAQUIN: Account =
    Account { id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f04", teams: &[] };

pub(super) const HARUKI: Account = Account {
    id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f05",
    teams: &[one("0b3c5d7e-4444-4a6b-8c9d-0e1f2a3b4c04", "fabrikam", "admin")],
};

pub(super) const SIGRID: Account =
    Account { id: "7f1c6a90-3b2d-4e8f-9a51-6d0c8b7e2f06", teams: &[] };

const fn one(id: &'static str, name: &'static str, role: &'static str) -> Team {
    Team { id, name, role }
}
