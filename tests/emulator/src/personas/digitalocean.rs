//! Users, teams and projects at DigitalOcean.

/// A DigitalOcean user and the team they grant access to.
#[derive(Debug)]
pub struct Account {
    /// The user's id: 40 hexadecimal digits.
    pub uuid: &'static str,
    /// The team's id.
    pub team_uuid: &'static str,
    /// The team's name.
    pub team_name: &'static str,
    /// The projects, in listing order.
    pub projects: &'static [Project],
}

/// A project.
#[derive(Debug)]
pub struct Project {
    /// Its id, a GUID.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its purpose.
    pub purpose: &'static str,
    /// `Development`, `Staging` or `Production`.
    pub environment: &'static str,
    /// Whether it is the default project of new resources.
    pub is_default: bool,
}

pub(super) const ZOFIA: Account = Account {
    uuid: "b6f489dbf6d9156cace5f3c78dc9851d957381ef",
    team_uuid: "5df3e3004a17e242b7c20ca6c9fc25b701a47ece",
    team_name: "Contoso Web",
    projects: &[
        one(
            "4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71679",
            "Contoso Shop",
            "Web Application",
            "Production",
            true,
        ),
        one(
            "addb4547-6bab-419a-8542-76263a033cf6",
            "Contoso Blog",
            "Website or blog",
            "Staging",
            false,
        ),
        one(
            "88b72d1a-b78a-4d9f-9090-b53c4399073f",
            "Contoso Łódź & Friends",
            "Just trying out DigitalOcean",
            "Development",
            false,
        ),
    ],
};

pub(super) const AMARA: Account = Account {
    uuid: "c7a59aecf7ea267dbdf604d89eda962ea68492f0",
    team_uuid: "6ef4f4115b28f353c8d31db7dafd36c812b58fdf",
    team_name: "My Team",
    projects: &[],
};

pub(super) const MINH_ANH: Account = Account {
    uuid: "d8b60bfd08fb378ecef715e9afeba73fb795a301",
    team_uuid: "5df3e3004a17e242b7c20ca6c9fc25b701a47ece",
    team_name: "Contoso Web",
    projects: &[one(
        "addb4547-6bab-419a-8542-76263a033cf6",
        "Contoso Blog",
        "Website or blog",
        "Staging",
        false,
    )],
};

pub(super) const JOAQUIN: Account = Account {
    uuid: "e9c71c0e190c489fdf0826fab0fcb840c8a6b412",
    team_uuid: "70f5052260390464d9e42ec8eb0e47d923c690e0",
    team_name: "My Team",
    projects: &[],
};

pub(super) const HARUKI: Account = Account {
    uuid: "fad82d1f2a1d59a0e019370bc10dc951d9b7c523",
    team_uuid: "81061633714a1575eaf53fd9fc1f58ea34d7a1f1",
    team_name: "Fabrikam",
    projects: &[one(
        "1c9b3a6e-7d24-4f58-9a0b-2e3f4d5c6b7a",
        "Fabrikam Landing Page",
        "Website or blog",
        "Production",
        true,
    )],
};

pub(super) const SIGRID: Account = Account {
    uuid: "0be93e203b2e60f1a2e6a7d4b0c0ed62ea8e8d34",
    team_uuid: "92172744825b2686fbf06fe0ad02f69fb5e8b202",
    team_name: "My Team",
    projects: &[],
};

const fn one(
    id: &'static str,
    name: &'static str,
    purpose: &'static str,
    environment: &'static str,
    is_default: bool,
) -> Project {
    Project { id, name, purpose, environment, is_default }
}
