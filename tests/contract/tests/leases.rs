//! The contract suite for leases: of one process, and the fake of the domain.

use std::sync::Arc;

use portico_contract::Leasing;
use portico_domain::{ports::Leases, testing::FakeLeases};
use portico_memory::MemoryLeases;

mod memory {
    use super::*;

    struct Memory(MemoryLeases);

    impl Leasing for Memory {
        fn fresh() -> Self {
            Self(MemoryLeases::default())
        }

        fn leases(&self) -> Arc<dyn Leases> {
            Arc::new(self.0.clone())
        }
    }

    portico_contract::leases!(Memory);
}

mod fake {
    use super::*;

    struct Fake(FakeLeases);

    impl Leasing for Fake {
        fn fresh() -> Self {
            Self(FakeLeases::default())
        }

        fn leases(&self) -> Arc<dyn Leases> {
            Arc::new(self.0.clone())
        }
    }

    portico_contract::leases!(Fake);
}
