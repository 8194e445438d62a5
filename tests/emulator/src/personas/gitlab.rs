//! Users and groups at GitLab.

/// A GitLab user.
#[derive(Debug)]
pub struct Account {
    /// The user's id; as a string, the claim `sub`.
    pub id: u64,
    /// The user name.
    pub username: &'static str,
    /// The groups, in listing order.
    pub groups: &'static [Group],
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// Its id.
    pub id: u64,
    /// Its name without the parents'.
    pub name: &'static str,
    /// Its name with the parents'.
    pub full_name: &'static str,
    /// Its path with the parents'.
    pub full_path: &'static str,
    /// The person's role: 10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.
    pub access_level: u8,
}

pub(super) const ZOFIA: Account = Account {
    id: 4201001,
    username: "zofia.nowak",
    groups: &[
        one(7701, "Contoso", "Contoso", "contoso", 50),
        one(7702, "Platform", "Contoso / Platform", "contoso/platform", 40),
        one(7703, "Data & Analytics", "Contoso / Data & Analytics", "contoso/data", 30),
        one(7704, "Łódź", "Contoso / Łódź", "contoso/lodz", 30),
        one(7705, "Fabrikam", "Fabrikam", "fabrikam", 10),
    ],
};

pub(super) const AMARA: Account = Account { id: 4201002, username: "amara.okafor", groups: &[] };

pub(super) const MINH_ANH: Account = Account {
    id: 4201003,
    username: "minhanh",
    groups: &[
        one(7701, "Contoso", "Contoso", "contoso", 30),
        one(7703, "Data & Analytics", "Contoso / Data & Analytics", "contoso/data", 40),
        one(7705, "Fabrikam", "Fabrikam", "fabrikam", 20),
    ],
};

pub(super) const JOAQUIN: Account = Account { id: 4201004, username: "joaquin", groups: &[] };

pub(super) const HARUKI: Account = Account {
    id: 4201005,
    username: "haruki",
    groups: &[one(7705, "Fabrikam", "Fabrikam", "fabrikam", 50)],
};

pub(super) const SIGRID: Account = Account { id: 4201006, username: "sigrid", groups: &[] };

const fn one(
    id: u64,
    name: &'static str,
    full_name: &'static str,
    full_path: &'static str,
    access_level: u8,
) -> Group {
    Group { id, name, full_name, full_path, access_level }
}
