use async_graphql::{Description, Enum, Object, SimpleObject};

use crate::{
    domain::permission::{Access, GUIDE, Grant, Permission},
    graphql::scalar::DateTime,
};

/// What to choose in a row of the Stripe dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Access")]
pub(in crate::graphql) enum PermissionAccess {
    /// Read only.
    Read,
    /// Read and write.
    Write,
}

/// A permission as the Stripe dashboard names it when a restricted key is created.
#[derive(Clone, Copy, Debug, Description)]
pub(in crate::graphql) struct StripePermission(pub(in crate::graphql) &'static Permission);

impl StripePermission {
    /// Every permission, in the dashboard's order.
    pub(in crate::graphql) fn all() -> Vec<Self> {
        GUIDE.iter().map(Self).collect()
    }
}

#[Object(use_type_description)]
impl StripePermission {
    /// The name of the row in the dashboard.
    async fn resource(&self) -> &'static str {
        self.0.resource
    }

    /// What to choose in that row.
    async fn access(&self) -> PermissionAccess {
        self.0.access.into()
    }

    /// What the gateway uses it for.
    async fn purpose(&self) -> &'static str {
        self.0.purpose
    }

    /// True where nothing works without it.
    async fn required(&self) -> bool {
        self.0.required
    }
}

/// Whether credentials grant a permission, as it was found at the last check.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(in crate::graphql) struct PermissionGrant {
    /// The permission.
    permission: StripePermission,
    /// Whether the credentials grant it; true as well where Stripe offers no way to find out.
    granted: bool,
    /// Whether Stripe's answer proves it.
    verified: bool,
    /// When it was checked.
    checked_at: DateTime,
}

impl From<Grant> for PermissionGrant {
    fn from(grant: Grant) -> Self {
        Self {
            permission: StripePermission(grant.permission),
            granted: grant.granted(),
            verified: grant.checked(),
            checked_at: grant.checked_at.into(),
        }
    }
}
