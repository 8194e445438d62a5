//! Descriptions of well-known scopes, from the documentation of those who define them.

/// A scope, the host of the only issuer that has it, if there is only one, and its description.
type Scope = (&'static str, Option<&'static str>, &'static str);

/// <https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims>
const OPENID: [Scope; 6] = [
    ("openid", None, "who they are"),
    ("profile", None, "their name and what else is in their profile"),
    ("email", None, "their e-mail address"),
    ("address", None, "their postal address"),
    ("phone", None, "their phone number"),
    ("offline_access", None, "access while they are away, by a refresh token"),
];

/// <https://learn.microsoft.com/entra/identity-platform/scopes-oidc>
const MICROSOFT: [Scope; 4] = [
    (
        "https://management.azure.com/.default",
        None,
        "everything that the application is permitted to do in Azure Resource Manager",
    ),
    (
        "https://management.azure.com/user_impersonation",
        None,
        "Azure Resource Manager as the person: whatever their roles permit",
    ),
    (
        "https://graph.microsoft.com/.default",
        None,
        "everything that the application is permitted to do in Microsoft Graph",
    ),
    ("https://graph.microsoft.com/User.Read", None, "sign in and read their profile"),
];

/// <https://developers.google.com/identity/protocols/oauth2/scopes>
const GOOGLE: [Scope; 4] = [
    (
        "https://www.googleapis.com/auth/cloudplatformprojects.readonly",
        None,
        "see the person's Google Cloud projects",
    ),
    (
        "https://www.googleapis.com/auth/cloudplatformprojects",
        None,
        "see and change the person's Google Cloud projects",
    ),
    (
        "https://www.googleapis.com/auth/cloud-platform.read-only",
        None,
        "see the person's data in all Google Cloud services",
    ),
    (
        "https://www.googleapis.com/auth/cloud-platform",
        None,
        "see, change and delete the person's data in all Google Cloud services",
    ),
];

/// <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>
const GITHUB: [Scope; 9] = [
    ("read:user", Some("github.com"), "read the person's profile"),
    ("user", Some("github.com"), "read and write the person's profile"),
    ("user:email", Some("github.com"), "read the person's e-mail addresses"),
    ("read:org", Some("github.com"), "read which organisations and teams the person is in"),
    ("write:org", Some("github.com"), "read and write organisations and their projects"),
    ("admin:org", Some("github.com"), "manage the person's organisations and teams"),
    ("repo", Some("github.com"), "read and write all of the person's repositories"),
    ("public_repo", Some("github.com"), "read and write public repositories"),
    ("gist", Some("github.com"), "write gists"),
];

/// <https://docs.gitlab.com/integration/oauth_provider/#view-all-authorized-applications>
const GITLAB: [Scope; 3] = [
    ("api", Some("gitlab.com"), "read and write everything by the API"),
    ("read_api", Some("gitlab.com"), "read everything by the API"),
    ("read_user", Some("gitlab.com"), "read the person's profile"),
];

/// <https://docs.digitalocean.com/reference/api/scopes/>,
/// <https://devcenter.heroku.com/articles/oauth#scopes>,
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/customermanagedapps-saml2-oauth2.html>
const OTHERS: [Scope; 7] = [
    ("read", Some("cloud.digitalocean.com"), "read everything of the person's team"),
    ("write", Some("cloud.digitalocean.com"), "read and write everything of the person's team"),
    ("global", Some("id.heroku.com"), "read and write everything of the person's account"),
    ("identity", Some("id.heroku.com"), "read the person's account"),
    ("read", Some("id.heroku.com"), "read apps and resources, without their configuration"),
    ("write", Some("id.heroku.com"), "read and write apps and resources"),
    ("sso:account:access", None, "see and use the person's AWS accounts and roles"),
];

/// A scope, with its description at this issuer if there is one.
pub(super) fn shown(scope: &str, issuer: &str) -> String {
    let description = description(scope, issuer).map(|text| format!(" ({text})"));
    super::shown(scope) + &description.unwrap_or_default()
}

fn description(scope: &str, issuer: &str) -> Option<&'static str> {
    let known: [&[Scope]; 6] = [&OPENID, &MICROSOFT, &GOOGLE, &GITHUB, &GITLAB, &OTHERS];
    let host = url::Url::parse(issuer).ok().and_then(|url| Some(url.host_str()?.to_owned()));
    let mut known = known.into_iter().flatten();
    let found = known
        .find(|(name, at, _)| *name == scope && at.is_none_or(|at| host.as_deref() == Some(at)));
    found.map(|(_, _, description)| *description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn description_of_a_cloud_specific_scope_needs_its_issuer() {
        let github = "https://github.com/login/oauth";
        assert_eq!(description("read:user", github), Some("read the person's profile"));
        for other in ["https://evil.example/github.com", "https://github.com.evil.example", ""] {
            assert_eq!(description("read:user", other), None, "{other}");
        }
        assert_eq!(description("openid", ""), Some("who they are"));
        assert_ne!(
            description("read", "https://id.heroku.com"),
            description("read", "https://cloud.digitalocean.com")
        );
    }
}
