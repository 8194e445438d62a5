//! The contract suites for the sealed store in memory.

mod support;

use std::sync::Arc;

use portico_contract::{Bytes, Ports, Subject};
use portico_memory::MemoryRecords;
use portico_records::Records;

struct Memory(Arc<MemoryRecords>);

impl Subject for Memory {
    fn fresh() -> Self {
        Self(Arc::default())
    }

    fn ports(&self) -> Ports {
        support::sealed(self.0.clone())
    }
}

impl Bytes for Memory {
    fn records(&self) -> Arc<dyn Records> {
        self.0.clone()
    }
}

portico_contract::login_attempts!(Memory);
portico_contract::sessions!(Memory);
portico_contract::decisions!(Memory);
portico_contract::disconnected!(Memory);
portico_contract::signing_keys!(Memory);
portico_contract::records!(Memory);
