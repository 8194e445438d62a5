//! The settings with which Portico's plug-ins use the emulated clouds.

use url::Url;

use crate::cloud::Cloud;

impl Cloud {
    /// The environment variables of Portico's plug-in for this cloud at a listener's root URL: the registered
    /// application, all tenants allowed, and each address.
    pub fn plugin_variables(self, root: &Url) -> Vec<(String, String)> {
        let (client, prefix) = (self.client(), self.name().to_ascii_uppercase());
        let registration = [
            ("CLIENT_ID", client.client_id.to_owned()),
            ("CLIENT_SECRET", client.client_secret.to_owned()),
        ];
        // AWS only connects accounts; it has no sign-in and so no allowed tenants.
        let everybody = (self != Self::Aws).then(|| ("ALLOWED_TENANTS", "*".to_owned()));
        let all = registration.into_iter().chain(everybody).chain(self.addresses(root));
        all.map(|(name, value)| (format!("{prefix}_{name}"), value)).collect()
    }

    fn addresses(self, root: &Url) -> Vec<(&'static str, String)> {
        let url = self.url(root).to_string();
        let below = |path: &str| format!("{url}{path}");
        match self {
            Self::Google => vec![("ISSUER", url.clone()), ("RESOURCE_MANAGER_URL", url)],
            Self::Aws => vec![
                ("REGION", "eu-central-1".to_owned()),
                ("START_URL", below("/start")),
                ("OIDC_URL", url.clone()),
                ("PORTAL_URL", url),
            ],
            Self::GitHub => vec![("API_URL", below("/api")), ("URL", url)],
            Self::DigitalOcean => vec![("API_URL", url.clone()), ("URL", url)],
            Self::Oidc => vec![
                ("LIST_URL", below("/api/environments")),
                ("ID_POINTER", "/key".to_owned()),
                ("NAME_POINTER", "/title".to_owned()),
                ("ISSUER", url),
            ],
            Self::GitLab => vec![("URL", url)],
            Self::Heroku => vec![("API_URL", url.clone()), ("IDENTITY_URL", url)],
        }
    }
}
