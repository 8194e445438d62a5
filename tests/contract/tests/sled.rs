//! The contract suites for the sealed store in sled.

mod support;

use std::sync::Arc;

use portico_contract::{Bytes, Durable, Ports, Subject};
use portico_records::Records;
use portico_sled::{Options, SledRecords};
use tempfile::TempDir;

struct Sled {
    // Dropped in this order: the store is closed before its folder is removed.
    records: Arc<SledRecords>,
    folder: TempDir,
}

fn open(folder: TempDir) -> Sled {
    let records = Arc::new(SledRecords::open(folder.path(), Options::default()).unwrap());
    Sled { records, folder }
}

impl Subject for Sled {
    fn fresh() -> Self {
        open(tempfile::tempdir().unwrap())
    }

    fn ports(&self) -> Ports {
        support::sealed(self.records.clone())
    }
}

impl Durable for Sled {
    fn reopened(self) -> Self {
        drop(self.records);
        open(self.folder)
    }
}

impl Bytes for Sled {
    fn records(&self) -> Arc<dyn Records> {
        self.records.clone()
    }
}

portico_contract::login_attempts!(Sled);
portico_contract::sessions!(Sled);
portico_contract::decisions!(Sled);
portico_contract::disconnected!(Sled);
portico_contract::signing_keys!(Sled);
portico_contract::records!(Sled);
portico_contract::durability!(Sled);
