//! Measuring and printing.

use std::{
    fs,
    time::{Duration, Instant},
};

/// How long each of many calls took.
pub(crate) struct Laps {
    pub(crate) started: Instant,
    pub(crate) cpu: f64,
    pub(crate) took: Vec<Duration>,
}

impl Laps {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            cpu: cpu_seconds(),
            took: Vec::new(),
        }
    }

    pub(crate) async fn time<T>(&mut self, call: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let result = call.await;
        self.took.push(started.elapsed());
        result
    }

    pub(crate) fn print(mut self, name: &str, each: usize) {
        let (elapsed, cpu) = (self.started.elapsed(), cpu_seconds() - self.cpu);
        self.took.sort();
        let at =
            |percent: usize| self.took[(self.took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        let done = f64::from(u32::try_from(self.took.len() * each).expect("it is not that long"));
        let (rate, cpu) = (done / elapsed.as_secs_f64(), 1e6 * cpu / done);
        println!(
            "{name:<50} {rate:>10.0} {:>8.3} {:>8.3} {cpu:>8.1}",
            at(50),
            at(99)
        );
    }
}

/// Of all threads, in user and kernel. Linux counts hundredths.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
