//! `casc/clouds.yaml`: one cloud for each Auto Scaling group (plugin ec2-fleet 3.2.0).

use serde::Serialize;

use super::Jenkins;
use super::agents::{Connection, connection, labels};
use crate::model::{Autoscale, Pool, Usage};
use crate::targets::{At, Origin, at};

#[derive(Serialize)]
pub(super) struct Document {
    jenkins: Clouds,
}

#[derive(Serialize)]
struct Clouds {
    clouds: Vec<At<Cloud>>,
}

#[derive(Serialize)]
enum Cloud {
    #[serde(rename = "eC2Fleet")]
    Ec2Fleet(Box<Ec2Fleet>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ec2Fleet {
    name: At<String>,
    fleet: At<String>,
    region: At<String>,
    label_string: At<String>,
    min_size: At<u32>,
    max_size: At<u32>,
    min_spare_size: At<u32>,
    idle_minutes: At<u64>,
    max_total_uses: At<i64>,
    num_executors: At<u32>,
    executor_scaler: &'static str,
    scale_executors_by_weight: bool,
    restrict_usage: At<bool>,
    disable_task_resubmit: At<bool>,
    no_delay_provision: At<bool>,
    fs_root: At<String>,
    private_ip_used: bool,
    always_reconnect: bool,
    add_node_only_if_running: bool,
    init_online_timeout_sec: At<u64>,
    init_online_check_interval_sec: u32,
    cloud_status_interval_sec: u32,
    computer_connector: ComputerConnector,
}

#[derive(Serialize)]
enum ComputerConnector {
    #[serde(rename = "sSHConnector")]
    Ssh(Connection),
}

pub(super) fn clouds(jenkins: &Jenkins<'_>) -> Option<Document> {
    let mut pools: Vec<(String, &Pool, &Autoscale)> = jenkins
        .names
        .pools()
        .filter_map(|pool| Some((jenkins.names.pool(pool), pool, pool.autoscale.as_ref()?)))
        .collect();
    pools.sort_by(|a, b| a.0.cmp(&b.0));
    let clouds: Vec<At<Cloud>> = pools
        .into_iter()
        .map(|(name, pool, autoscale)| at(&pool.name, Cloud::Ec2Fleet(Box::new(cloud(jenkins, name, pool, autoscale)))))
        .collect();
    (!clouds.is_empty()).then_some(Document { jenkins: Clouds { clouds } })
}

fn cloud(jenkins: &Jenkins<'_>, name: String, pool: &Pool, autoscale: &Autoscale) -> Ec2Fleet {
    let region = &jenkins.context.fleet.aws.region;
    let named = pool.display_name.as_ref().map_or_else(|| Origin::from(&pool.name), Origin::from);
    Ec2Fleet {
        fleet: at(named, name.clone()),
        name: at(named, name),
        region: at(region, region.to_string()),
        label_string: labels(jenkins, pool),
        min_size: at(&autoscale.min, autoscale.min.0),
        max_size: at(&autoscale.max, autoscale.max.0),
        min_spare_size: at(&autoscale.spare, autoscale.spare.0),
        idle_minutes: at(&autoscale.idle, autoscale.idle.minutes()),
        max_total_uses: at(&autoscale.max_uses, autoscale.max_uses.0),
        num_executors: at(&pool.executors, pool.executors.0),
        executor_scaler: "noScaler",
        scale_executors_by_weight: false,
        restrict_usage: at(&pool.usage, pool.usage.value == Usage::Exclusive),
        disable_task_resubmit: at(&autoscale.resubmit, !autoscale.resubmit.0),
        no_delay_provision: at(&autoscale.provision_at_once, autoscale.provision_at_once.0),
        // Without it the plugin works in a new folder below /tmp of every machine.
        fs_root: at(&pool.remote_fs, pool.remote_fs.to_string()),
        private_ip_used: true,
        always_reconnect: false,
        add_node_only_if_running: false,
        init_online_timeout_sec: at(&autoscale.boot_timeout, autoscale.boot_timeout.seconds()),
        init_online_check_interval_sec: 15,
        cloud_status_interval_sec: 10,
        computer_connector: ComputerConnector::Ssh(connection(jenkins, pool, None)),
    }
}
