//! The `scope` of a request: what OpenID Connect reserves, and one resource with its permissions.

use super::refusal::Refusal;

/// Microsoft Graph, which owns every permission without a resource in front.
const GRAPH: &str = "https://graph.microsoft.com";
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// A request's scopes, sorted out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scopes {
    pub(crate) openid: bool,
    pub(crate) profile: bool,
    pub(crate) email: bool,
    pub(crate) offline_access: bool,
    /// The resource as the request wrote it, which becomes the access token's audience.
    resource: Option<String>,
    /// Its permissions, each with the resource in front.
    permissions: Vec<String>,
}

impl Scopes {
    /// Sorts scopes; `is_known` says whether a resource other than Graph exists.
    pub(crate) fn parse(text: &str, is_known: impl Fn(&str) -> bool) -> Result<Self, Refusal> {
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
    ) -> Result<(), Refusal> {
        let (resource, name) = scope.rsplit_once('/').unwrap_or((GRAPH, scope));
        if name.is_empty() {
            return Err(invalid(scope));
        }
        if resource != GRAPH && !is_known(resource) {
            return Err(Refusal::new(
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
            return Err(Refusal::new(
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

    /// With another request's resource where this one names none, and everything reserved that was agreed to then.
    pub(crate) fn completed_by(mut self, agreed: Self) -> Self {
        if self.resource.is_none() {
            self.resource = agreed.resource;
            self.permissions = agreed.permissions;
        }
        self.openid |= agreed.openid;
        self.profile |= agreed.profile;
        self.email |= agreed.email;
        self.offline_access |= agreed.offline_access;
        self
    }

    /// Whether the one permission is the resource's `.default`, as client credentials need it.
    pub(crate) fn is_default_only(&self) -> bool {
        matches!(self.permissions.as_slice(), [one] if one.ends_with("/.default"))
    }

    /// What an answer's `scope` says: as Entra ID does, with what `.default` stands for, and without `offline_access`.
    pub(crate) fn granted(&self) -> String {
        let mut granted = Vec::new();
        if self.audience() == GRAPH_ID {
            let reserved =
                [("openid", self.openid), ("profile", self.profile), ("email", self.email)];
            granted.extend(
                reserved.into_iter().filter(|(_, asked)| *asked).map(|(name, _)| name.to_owned()),
            );
        } else if self.is_default_only() {
            granted.push(format!("{}/user_impersonation", self.audience()));
        }
        granted.extend(self.permissions.iter().cloned());
        granted.join(" ")
    }

    /// The permissions' own names, as the claim `scp` has them.
    pub(crate) fn scp(&self) -> String {
        let names = self.permissions.iter().filter_map(|scope| scope.rsplit('/').next());
        let names: Vec<_> = names
            .map(|name| if name == ".default" { "user_impersonation" } else { name })
            .collect();
        names.join(" ")
    }
}

/// A scope that cannot be.
pub(crate) fn invalid(scope: &str) -> Refusal {
    Refusal::new(
        "invalid_scope",
        70011,
        format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter \
         'scope' is not valid. The scope '{scope}' is not valid."
        ),
    )
}
