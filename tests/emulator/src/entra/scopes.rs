//! The `scope` parameter: the OpenID Connect scopes, and the permissions of one resource.

use super::error::EntraError;

/// Microsoft Graph, the resource of every scope without a resource prefix.
const GRAPH: &str = "https://graph.microsoft.com";
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Parsed scopes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline_access: bool,
    /// The resource as the request wrote it: the access token's audience.
    resource: Option<String>,
    /// The permissions, each with its resource prefix.
    permissions: Vec<String>,
}

impl Scopes {
    /// Parses scopes; `is_known` returns whether a resource other than Graph exists.
    pub(crate) fn parse(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Self, EntraError> {
        let mut scopes = Self::default();
        for scope in text.split_ascii_whitespace() {
            match scope {
                "openid" => scopes.openid = true,
                "profile" => scopes.profile = true,
                "email" => scopes.email = true,
                "offline_access" => scopes.offline_access = true,
                _ => scopes.add_permission(scope, &is_known)?,
            }
        }
        Ok(scopes)
    }

    fn add_permission(
        &mut self,
        scope: &str,
        is_known: impl Fn(&str) -> bool,
    ) -> Result<(), EntraError> {
        let (resource, name) = scope.rsplit_once('/').unwrap_or((GRAPH, scope));
        if name.is_empty() {
            return Err(invalid_scope(scope));
        }
        if resource != GRAPH && !is_known(resource) {
            return Err(EntraError::new(
                "invalid_resource",
                500011,
                format!(
                    "The resource principal named {resource} was not found in the tenant. This can happen if the \
                 application has not been installed by the administrator of the tenant or consented to by any user in \
                 the tenant."
                ),
            ));
        }
        if self.resource.as_deref().is_some_and(|known| known != resource) {
            return Err(EntraError::new(
                "invalid_scope",
                28000,
                format!(
                    "Provided value for the input parameter scope is not valid because it contains more than one resource. \
                 Scope {scope} is not valid."
                ),
            ));
        }
        self.resource = Some(resource.to_owned());
        self.permissions.push(scope.to_owned());
        Ok(())
    }

    /// The audience of an access token for these scopes.
    pub(crate) fn audience(&self) -> &str {
        match self.resource.as_deref() {
            None | Some(GRAPH) => GRAPH_ID,
            Some(resource) => resource,
        }
    }

    /// Adds the previously granted OpenID scopes, and the previous resource if this request names none.
    pub(crate) fn with_previous(mut self, previous: Self) -> Self {
        if self.resource.is_none() {
            self.resource = previous.resource;
            self.permissions = previous.permissions;
        }
        self.openid |= previous.openid;
        self.profile |= previous.profile;
        self.email |= previous.email;
        self.offline_access |= previous.offline_access;
        self
    }

    /// Whether the only permission is the resource's `.default`, which client credentials require.
    pub(crate) fn is_default_only(&self) -> bool {
        matches!(self.permissions.as_slice(), [one] if one.ends_with("/.default"))
    }

    /// The `scope` of a token response as at Entra ID: `.default` is expanded and `offline_access` omitted.
    pub(crate) fn granted(&self) -> String {
        let mut granted = Vec::new();
        if self.audience() == GRAPH_ID {
            let reserved =
                [("openid", self.openid), ("profile", self.profile), ("email", self.email)];
            granted.extend(
                reserved
                    .into_iter()
                    .filter(|(_, granted)| *granted)
                    .map(|(name, _)| name.to_owned()),
            );
        } else if self.is_default_only() {
            granted.push(format!("{}/user_impersonation", self.audience()));
        }
        granted.extend(self.permissions.iter().cloned());
        granted.join(" ")
    }

    /// The claim `scp`: permissions without their resource.
    pub(crate) fn scp(&self) -> String {
        let names = self.permissions.iter().filter_map(|scope| scope.rsplit('/').next());
        let names: Vec<_> = names
            .map(|name| if name == ".default" { "user_impersonation" } else { name })
            .collect();
        names.join(" ")
    }
}

/// The error for an invalid scope.
pub(crate) fn invalid_scope(scope: &str) -> EntraError {
    EntraError::new(
        "invalid_scope",
        70011,
        format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
         'scope' is not valid. The scope '{scope}' is not valid."
        ),
    )
}
