//! AWS accounts in IAM Identity Center, which gives a client no user identity.

/// A user of IAM Identity Center.
#[derive(Debug)]
pub struct Account {
    /// The assigned accounts, in listing order.
    pub accounts: &'static [Member],
}

/// An AWS account assigned to the user.
#[derive(Debug)]
pub struct Member {
    /// The account id: 12 digits.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The e-mail address of its root user.
    pub email: &'static str,
}

pub(super) const ZOFIA: Account = Account {
    accounts: &[
        one("111122223333", "Contoso Production", "aws-prod@contoso.example"),
        one("222233334444", "Contoso Staging", "aws-staging@contoso.example"),
        one("333344445555", "Contoso Łódź & Co", "aws-lodz@contoso.example"),
        one("444455556666", "Contoso Log Archive", "aws-logs@contoso.example"),
    ],
};

pub(super) const AMARA: Account = Account { accounts: &[] };

pub(super) const MINH_ANH: Account =
    Account { accounts: &[one("222233334444", "Contoso Staging", "aws-staging@contoso.example")] };

pub(super) const JOAQUIN: Account = Account { accounts: &[] };

pub(super) const HARUKI: Account =
    Account { accounts: &[one("777788889999", "Fabrikam Research", "aws@fabrikam.example")] };

pub(super) const SIGRID: Account = Account { accounts: &[] };

const fn one(id: &'static str, name: &'static str, email: &'static str) -> Member {
    Member { id, name, email }
}
