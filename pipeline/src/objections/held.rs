//! The register while nobody else may note anything: for whoever notes, and for whoever publishes.
//!
//! Whatever the interleaving, a list that is published after an objection was noted does not show the person: who publishes
//! takes the register, reads it, leaves out whoever is in it, moves the pointer, and lets go of it. Whoever notes takes it,
//! too, and writes either before that reading or after that move.

use std::path::{Path, PathBuf};

use crate::{
    error::Result,
    objections::register::{self, Entry, Register},
    store::{disk::Disk, lock::RegisterLock, state_file},
};

/// The register, read under its lock.
#[derive(Debug)]
pub struct Held {
    state: PathBuf,
    register: Register,
    lock: RegisterLock,
}

impl Held {
    /// Takes the register of a state, whose folder must be there. Waits for whoever has it.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be taken or read, or is not what was written.
    pub fn wait(state: &Path) -> Result<Held> {
        let lock = RegisterLock::wait(state)?;
        Ok(Held { state: state.to_owned(), register: Register::read(state)?, lock })
    }

    /// What it says.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// That it is held, for whoever wants to be sure.
    pub fn lock(&self) -> &RegisterLock {
        &self.lock
    }

    /// Adds entries and writes them down, but for those that say what is so already. Tells how many were new.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be written; then it is what it was.
    pub fn add(&mut self, entries: impl Iterator<Item = Entry>, disk: &dyn Disk) -> Result<usize> {
        let n_new = entries.filter(|entry| self.register.add(entry.clone())).count();
        if n_new > 0 {
            let bytes = self.register.to_bytes();
            state_file::replace_register(disk, &self.state, register::FILE, &bytes, &self.lock)?;
        }
        Ok(n_new)
    }
}
