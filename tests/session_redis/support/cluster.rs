//! A Redis cluster of our own: three masters.

use super::Server;
use std::time::Duration;
use std::time::Instant;

pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Server>,
}

const SLOTS: [(u16, u16); 3] = [(0, 5460), (5461, 10922), (10923, 16383)];

impl Cluster {
    pub(crate) fn start() -> Self {
        let options = [
            ["--cluster-enabled", "yes"],
            ["--cluster-node-timeout", "3000"],
            ["--cluster-require-full-coverage", "no"],
            ["--appendonly", "yes"],
            ["--appendfsync", "always"],
        ];
        let nodes: Vec<_> = SLOTS.iter().map(|_| Server::start_with(&options.concat())).collect();
        for (node, (from, to)) in nodes.iter().zip(SLOTS) {
            let slots = [&from.to_string(), &to.to_string()];
            let done = node.run(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
            assert!(done.starts_with("+OK"), "{done}");
            let first = nodes[0].address().port().to_string();
            node.run(&["CLUSTER", "MEET", "127.0.0.1", &first]);
        }
        let cluster = Self { nodes };
        cluster.settles();
        cluster
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Server::url).collect()
    }

    /// Waits until each node knows of all three, and of all slots.
    pub(crate) fn settles(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let is_settled = |node: &Server| {
            let info = node.run(&["CLUSTER", "INFO"]);
            info.contains("cluster_state:ok")
                && info.contains("cluster_slots_ok:16384")
                && info.contains("cluster_known_nodes:3")
        };
        while !self.nodes.iter().all(is_settled) {
            assert!(Instant::now() < until, "the cluster does not settle");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Moves a slot of the first node to the second, key by key, while both serve it.
    pub(crate) fn move_slot(&self, slot: u16) -> usize {
        let (from, to) = (&self.nodes[0], &self.nodes[1]);
        let (slot, port) = (slot.to_string(), to.address().port().to_string());
        let id = |node: &Server| node.run(&["CLUSTER", "MYID"]).lines().nth(1).unwrap().to_owned();
        let (from_id, to_id) = (id(from), id(to));
        let ok = |answer: String| assert!(answer.starts_with("+OK"), "{answer}");
        ok(to.run(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]));
        ok(from.run(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]));
        let mut moved = 0;
        loop {
            let keys = from.run(&["CLUSTER", "GETKEYSINSLOT", &slot, "1"]);
            let Some(key) = keys.lines().nth(2) else { break };
            let done = from.run(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
            assert!(done.starts_with("+OK") || done.starts_with("+NOKEY"), "{done}");
            moved += 1;
        }
        for node in [to, from, &self.nodes[2]] {
            ok(node.run(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]));
        }
        moved
    }
}
