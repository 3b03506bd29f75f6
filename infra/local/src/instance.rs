//! What tests and other programs know of a running portal: `instance.json` in its state directory.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::stop::{At, Stop};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    /// The portal, as people open it.
    pub(crate) url: String,
    /// The HTTP API without the front door.
    pub(crate) api_url: String,
    /// AWS itself. The key pair `test` is root there and passes every policy.
    pub(crate) emulator_url: String,
    /// AWS as the functions see it: every call is remembered, and can be broken.
    pub(crate) proxy_url: String,
    pub(crate) fault_control: String,
    /// Begins the name of every resource.
    pub(crate) prefix: String,
    pub(crate) bucket: String,
    /// Where browsers reach the bucket; presigned addresses begin with it.
    pub(crate) bucket_origin: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) pid: u32,
}

const FILE: &str = "instance.json";

impl Instance {
    pub(crate) fn write(&self, state: &Path) -> Result<(), Stop> {
        let path = state.join(FILE);
        let text = serde_json::to_string_pretty(self).map_err(|why| Stop::new(why.to_string()))?;
        // Renamed into place: whoever waits for the file reads all of it.
        let half = state.join("instance.json.new");
        fs::write(&half, text).and_then(|()| fs::rename(&half, &path)).at(&path)
    }

    pub(crate) fn read(state: &Path) -> Option<Instance> {
        serde_json::from_slice(&fs::read(state.join(FILE)).ok()?).ok()
    }

    pub(crate) fn remove(state: &Path) {
        let _ = fs::remove_file(state.join(FILE));
    }
}
