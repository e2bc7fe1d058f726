#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace trendscope::config {

/// What the collector `node` measures, and where it looks; the defaults are node_exporter's.
struct NodeSettings {
    /// RE2 expressions, found anywhere in a name unless anchored. An empty one says nothing; where
    /// both are given, what `include` finds counts unless `exclude` finds it too.
    struct Selection {
        std::string include = {};
        std::string exclude = {};

        bool operator==(const Selection &) const = default;
    };

    /// Groups of metrics that are left out, by node_exporter's names of its collectors: cpu,
    /// meminfo, …; see docs/node.md.
    std::vector<std::string> disabledGroups = {};

    Selection mountPoints{
        .exclude = "^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/"
                   ".+)($|/)"};
    Selection filesystemTypes{
        .exclude =
            "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|"
            "iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|"
            "squashfs|sysfs|tracefs)$"};
    Selection disks{.exclude = R"(^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$)"};
    Selection interfaces{.exclude = "^lo$"}; ///< of which traffic is counted
    Selection interfaceProperties{};         ///< of which there is node_network_info and the like
    Selection vmstatFields{.include = "^(oom_kill|pgpg|pswp|pg.*fault).*"};
    Selection netstatFields{
        .include =
            "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|"
            "OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|"
            "InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|"
            "OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$"};

    /// A file system that does not answer for so long has node_filesystem_device_error 1 until it
    /// does. At most half of what is left of a scrape's time is waited.
    std::chrono::milliseconds mountTimeout{5'000};
    /// Whose *.prom files are served as they are; empty: none.
    std::filesystem::path textfileDirectory = "/var/lib/prometheus/node-exporter";

    // In a container: where the machine's own are mounted.
    std::filesystem::path procfs = "/proc";
    std::filesystem::path sysfs = "/sys";
    std::filesystem::path rootfs = "/"; ///< taken off the mount points that begin with it
    std::filesystem::path udevData = "/run/udev/data";

    bool operator==(const NodeSettings &) const = default;
};

/// Which control group (version 2) a container's limits and use are read from.
struct CgroupSettings {
    /// Below `root`, e.g. /system.slice/docker-….scope; empty: that of this process.
    std::string path = {};
    std::filesystem::path root = "/sys/fs/cgroup";
    std::filesystem::path procfs = "/proc";

    bool operator==(const CgroupSettings &) const = default;
};

} // namespace trendscope::config
