#pragma once

#include "core/config/node_settings.h"

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

namespace trendscope::test {

/// Folders in the form of /proc, /sys, / and /run/udev/data, and the settings that say so.
class NodeTree {
public:
    NodeTree()
    {
        for (const char *const folder : {"proc", "sys", "root", "udev", "text"})
            QDir(m_directory.path()).mkpath(QString::fromLatin1(folder));
        settings.procfs = path("proc").toStdString();
        settings.sysfs = path("sys").toStdString();
        settings.rootfs = path("root").toStdString();
        settings.udevData = path("udev").toStdString();
        settings.textfileDirectory = path("text").toStdString();
    }

    QString path(const char *name) const { return m_directory.filePath(QString::fromUtf8(name)); }

    /// In place, as the kernel's files change.
    void write(const char *name, const QByteArray &text) const
    {
        QDir().mkpath(QFileInfo(path(name)).path());
        QFile file(path(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("%s can not be written", name);
    }
    QByteArray read(const char *name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// A small machine of a kind that this one may not be.
    void fill() const
    {
        fillProcessors();
        fillMemory();
        fillNetwork();
        fillProtocols();
        fillDisks();
        write("root/etc/os-release",
              "NAME=\"Odd \\\"OS\\\"\"\nID=odd\nID_LIKE='a b'\nVERSION_ID=\"12.3.4\"\n"
              "PRETTY_NAME=Odd\n# a comment\nVARIANT=\nBUILD_ID=\"42\"\n");
        write("proc/sys/fs/file-nr", "1024\t0\t9223372036854775807\n");
        write("proc/sys/kernel/random/entropy_avail", "255\n");
        write("proc/sys/kernel/random/poolsize", "256\n");
        write("sys/devices/system/clocksource/clocksource0/available_clocksource", "tsc hpet \n");
        write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
        write("sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n");
        write("sys/class/thermal/thermal_zone0/temp", "44500\n");
        write("sys/class/thermal/thermal_zone0/policy", "step_wise\n");
        write("sys/class/thermal/cooling_device0/type", "Processor\n");
        write("sys/class/thermal/cooling_device0/max_state", "50\n");
        write("sys/class/thermal/cooling_device0/cur_state", "-1\n");
    }

    config::NodeSettings settings;

private:
    void fillProcessors() const
    {
        write("proc/stat",
              "cpu  301854 612 111922 8979004 3552 2 3944 0 0 0\n"
              "cpu0 44490 19 21045 1087069 220 1 3410 3 7 9\n"
              "cpu1 47869 23 16474 1110787 591 0 46 0 0 0\n"
              "intr 8885917 17 0 0\nctxt 38014093\nbtime 1418183276\nprocesses 26442\n"
              "procs_running 2\nprocs_blocked 1\nsoftirq 5057579 250191 1481983 1647 211099 186066 "
              "0 1783454 622196 12499 508444\n");
        write("proc/loadavg", "0.21 0.37 0.39 1/719 19737\n");
        write("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=14036781\n");
        write("proc/pressure/io",
              "some avg10=0.10 avg60=0.00 avg300=0.00 total=159886802\n"
              "full avg10=0.00 avg60=0.00 avg300=0.00 total=159229614\n");
        write("proc/pressure/memory",
              "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"
              "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
        write("proc/schedstat",
              "version 15\ntimestamp 15819019232\n"
              "cpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2045936778163039 "
              "343796328169361 4767485306\ndomain0 00000000,00000003 212499247 210112015\n"
              "cpu1 518377256 0 4155211005 2778589869 10466382 2867629021 1904686152592476 "
              "364107263788241 5145567945\n");
        write("proc/net/softnet_stat",
              "00015c73 00020e76 f0000769 00000000 00000000 00000000 00000000 00000000 00000000 "
              "00000000 00000000 00000000 00000000\n"
              "01663fb2 00000000 0000012b 00000000 00000000 00000000 00000000 00000000 00000000 "
              "00000000 00000000 00000000 00000001\n");
        for (const char *const cpu : {"cpu0", "cpu1"}) {
            const QByteArray folder = QByteArray("sys/devices/system/cpu/") + cpu;
            write(folder + "/topology/physical_package_id", "0\n");
            write(folder + "/topology/core_id", QByteArray(cpu).right(1) + '\n');
            write(folder + "/thermal_throttle/core_throttle_count", "5\n");
            write(folder + "/thermal_throttle/package_throttle_count", "30\n");
            write(folder + "/cpufreq/cpuinfo_transition_latency", "0\n");
            for (const char *const text :
                 {"related_cpus", "scaling_available_governors", "scaling_driver",
                  "scaling_governor", "scaling_setspeed"})
                write(folder + "/cpufreq/" + text, "x\n");
            write(folder + "/cpufreq/scaling_cur_freq", "1699981\n");
            write(folder + "/cpufreq/scaling_min_freq", "800000\n");
            write(folder + "/cpufreq/scaling_max_freq", "3700000\n");
        }
    }

    void fillMemory() const
    {
        write("proc/meminfo",
              "MemTotal:       15666184 kB\nMemFree:          440324 kB\n"
              "MemAvailable:    9000000 kB\nActive(anon):    2068484 kB\n"
              "HugePages_Total:       3\nHugepagesize:       2048 kB\n");
        write("proc/vmstat",
              "nr_free_pages 977769\npgpgin 7344136\npswpin 1476\noom_kill 4\npgfault 230221\n");
    }

    void fillNetwork() const
    {
        write("proc/net/dev",
              "Inter-|   Receive                                                |  Transmit\n"
              " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
              "errs drop fifo colls carrier compressed\n"
              "    lo: 435303245 1832522    0    0    0     0          0         0 435303245 "
              "1832522    0    0    0     0       0          0\n"
              "veth4B09XN: 648 8 1 2 3 4 5 6 1943284 10640 7 8 9 10 11 12\n"
              " eth0: 68210035552 520993275 0 0 0 0 0 0 9315587528 43451486 0 0 0 0 0 0\n");
        write("proc/net/arp",
              "IP address       HW type     Flags       HW address            Mask     Device\n"
              "192.168.1.1      0x1         0x2         cc:aa:dd:ee:aa:bb     *        eth0\n"
              "192.168.1.2      0x1         0x2         dd:cc:dd:ee:aa:bb     *        eth0\n"
              "192.168.1.3      0x1         0x0         00:00:00:00:00:00     *        nope\n");
        const QByteArray eth = "sys/class/net/eth0/";
        for (const auto &[name, text] :
             std::initializer_list<std::pair<const char *, const char *>>{
                 {"addr_assign_type", "3"},
                 {"address", "01:01:01:01:01:01"},
                 {"broadcast", "ff:ff:ff:ff:ff:ff"},
                 {"carrier", "1"},
                 {"carrier_changes", "2"},
                 {"carrier_up_count", "1"},
                 {"carrier_down_count", "1"},
                 {"dev_id", "0x20"},
                 {"dormant", "1"},
                 {"duplex", "full"},
                 {"flags", "0x1303"},
                 {"ifalias", "to the \"core\""},
                 {"ifindex", "2"},
                 {"iflink", "2"},
                 {"link_mode", "1"},
                 {"mtu", "1500"},
                 {"name_assign_type", "2"},
                 {"netdev_group", "0"},
                 {"operstate", "up"},
                 {"speed", "1000"},
                 {"tx_queue_len", "1000"},
                 {"type", "1"}})
            write(eth + name, QByteArray(text) + '\n');
    }

    void fillProtocols() const
    {
        write("proc/net/netstat",
              "TcpExt: SyncookiesSent ListenDrops TCPTimeouts Other\nTcpExt: 1 2 115 9\n"
              "IpExt: InOctets OutOctets\nIpExt: 6286396970 2786264347\n");
        write("proc/net/snmp",
              "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
              "Tcp: RtoMin MaxConn ActiveOpens CurrEstab InErrs\nTcp: 200 -1 3556 0 5\n");
        write("proc/net/snmp6", "Ip6InOctets                     \t460\nIcmp6InErrors  \t0\n");
        write("proc/net/sockstat",
              "sockets: used 229\nTCP: inuse 4 orphan 0 tw 4 alloc 17 mem 1\n"
              "UDP: inuse 0 mem 0\nFRAG: inuse 0 memory 0\n");
        write("proc/net/sockstat6", "TCP6: inuse 17\nFRAG6: inuse 0 memory 1\n");
        write("proc/net/udp",
              "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
              "timeout inode ref pointer drops\n"
              "   0: 00000000:0016 00000000:0000 0A 00000010:0000001F 00:00000000 00000000     0  "
              "      0 2740 1 ffff88003d3af3c0 0\n");
        write("proc/sys/net/netfilter/nf_conntrack_count", "123\n");
        write("proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
        write("proc/net/stat/nf_conntrack",
              "entries  searched found new invalid ignore delete delete_list insert insert_failed "
              "drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
              "00000021  00000000 00000001 00000000 00000003 0000588a 00000000 00000000 00000000 "
              "00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000000\n"
              "00000021  00000000 00000002 00000000 00000002 000056a4 00000000 00000000 00000000 "
              "00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000002\n");
    }

    void fillDisks() const
    {
        write("proc/diskstats",
              "   7       0 loop0 1 0 2 0 0 0 0 0 0 0 0\n"
              "   8       0 sda 25354637 34367663 1003346126 18492372 28444756 11134226 505697032 "
              "63877960 2 9653880 82621804\n"
              "   8       1 sda1 250 0 2000 36 0 0 0 0 0 36 36\n"
              " 253       0 dm-0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
        write("udev/b8:0",
              "S:disk/by-id/ata\nE:ID_MODEL=Test=Disk\nE:ID_SERIAL_SHORT=abc\n"
              "E:SCSI_IDENT_SERIAL=printed\nE:ID_PATH=pci-0000:00\nE:ID_WWN=0x5\n"
              "E:ID_REVISION=1\nE:ID_ATA=1\nE:ID_ATA_WRITE_CACHE=1\n"
              "E:ID_ATA_ROTATION_RATE_RPM=7200\nE:ID_FS_TYPE=ext4\nE:ID_FS_UUID=u\n"
              "E:ID_FS_VERSION=1.0\nE:ID_FS_USAGE=filesystem\n");
        write("udev/b253:0",
              "E:DM_NAME=vg-root\nE:DM_UUID=LVM-1\nE:DM_VG_NAME=vg\n"
              "E:DM_LV_NAME=root\nE:DM_LV_LAYER=\n");
        const QByteArray root = path("root").toUtf8();
        write("proc/mounts",
              "/dev/sda1 / ext4 rw,relatime 0 0\n"
              "/dev/sda1 / ext4 rw,relatime 0 0\n"
              "proc /proc proc rw 0 0\n"
              "/dev/sdb1 "
                  + root
                  + "/data\\040two ext4 ro,nosuid 0 0\n"
                    "/dev/sdc1 /gone xfs ro 0 0\n"
                    "tmpfs /run/lock tmpfs rw 0 0\n");
        QDir(m_directory.path()).mkpath(QStringLiteral("root/data two"));
    }

    QTemporaryDir m_directory;
};

} // namespace trendscope::test
