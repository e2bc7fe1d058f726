#pragma once

#include "core/config/config.h"
#include "core/config/yaml_section_p.h"

namespace trendscope::config {

/// Read the sections of `exporter` that turn collectors on. Complaints go to the section.
void readLogStream(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readNode(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readCgroup(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readPostgres(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readPgbouncer(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readCelery(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readStatsd(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);
void readPush(YamlSection &yaml, const YAML::Node &node, Config::Exporter &out);

} // namespace trendscope::config
