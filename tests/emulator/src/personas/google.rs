//! Google accounts and their Google Cloud projects.

/// A Google account.
#[derive(Debug)]
pub struct Account {
    /// The claim `sub`: 21 digits.
    pub sub: &'static str,
    /// The Workspace domain; `None` for a personal account.
    pub hd: Option<&'static str>,
    /// The projects, in listing order.
    pub projects: &'static [Project],
}

/// A Google Cloud project.
#[derive(Debug)]
pub struct Project {
    /// The project number: the resource name is `projects/{number}`.
    pub number: u64,
    /// The project id.
    pub id: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The parent folder or organization; `None` in a personal account.
    pub parent: Option<&'static str>,
}

pub(super) const ZOFIA: Account = Account {
    sub: "104729384756102938475",
    hd: Some("contoso.example"),
    projects: &[
        one(415104041262, "contoso-prod", "Contoso Production", Some("organizations/618033988749")),
        one(415104041263, "contoso-staging", "Contoso Staging", Some("organizations/618033988749")),
        one(
            415104041264,
            "contoso-data-42",
            "Contoso Data & Analytics",
            Some("folders/271828182845"),
        ),
        one(415104041265, "contoso-lodz", "Contoso Łódź", Some("folders/271828182845")),
        one(
            415104041266,
            "contoso-identity",
            "Contoso Identity",
            Some("organizations/618033988749"),
        ),
        one(415104041267, "contoso-sandbox", "Contoso Sandbox", Some("folders/314159265358")),
        one(415104041268, "contoso-archive", "Contoso Archive", Some("folders/314159265358")),
    ],
};

pub(super) const AMARA: Account =
    Account { sub: "109283746501928374650", hd: Some("tailspin.example"), projects: &[] };

pub(super) const MINH_ANH: Account = Account {
    sub: "112358132134558914423",
    hd: Some("contoso.example"),
    projects: &[
        one(415104041262, "contoso-prod", "Contoso Production", Some("organizations/618033988749")),
        one(
            415104041264,
            "contoso-data-42",
            "Contoso Data & Analytics",
            Some("folders/271828182845"),
        ),
    ],
};

pub(super) const JOAQUIN: Account =
    Account { sub: "101202303404505606707", hd: Some("contoso.example"), projects: &[] };

pub(super) const HARUKI: Account = Account {
    sub: "117263549810273645189",
    hd: None,
    projects: &[one(527364518273, "haruki-weekend", "Haruki’s Weekend", None)],
};

pub(super) const SIGRID: Account =
    Account { sub: "104729384756102938480", hd: None, projects: &[] };

const fn one(
    number: u64,
    id: &'static str,
    name: &'static str,
    parent: Option<&'static str>,
) -> Project {
    Project { number, id, name, parent }
}
