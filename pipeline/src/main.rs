//! The command line of earlycall: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use earlycall::{cli::Cli, exit, panics};
use earlycall_allocator::{MiMalloc, keep_freed_memory};

/// A night makes some lists for each of two million people and forgets them again: by this allocator a tenth sooner.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keep_freed_memory();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version are answers, not mistakes.
            let _ = answer.print();
            return ExitCode::from(if answer.use_stderr() { 2 } else { exit::DONE });
        }
    };
    panics::tell_places_only();
    match std::panic::catch_unwind(|| cli.run()) {
        Ok(Ok(())) => ExitCode::from(exit::DONE),
        Ok(Err(error)) => {
            cli.complain(&error);
            ExitCode::from(exit::code(error.kind()))
        }
        Err(_) => {
            eprintln!("earlycall: this is a bug; please report the place above. `current` shows what is published");
            ExitCode::from(exit::BUG)
        }
    }
}
