//! Whole programs, killed and stopped by signals. The folder's name puts the tests into nextest's heavy group.

mod killed;
mod paused;
