// halcyon-conf CONF [DOCS]: writes the reference and the JSON schema of the settings, made from their table,
// into CONF, and the reference of the metrics into DOCS.
#include <fstream>
#include <iostream>

#include "admin/metrics/text.hpp"
#include "app/settings.hpp"

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: halcyon-conf CONF [DOCS]\n";
        return 2;
    }
    const auto write = [](const std::string& path, const std::string& text) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file << text;
        file.close();
        if (!file) std::cerr << path << " can't be written\n";
        return bool(file);
    };
    const std::string conf = argv[1];
    bool written = write(conf + "/halcyon.yaml", halcyon::app::settings_reference());
    written = write(conf + "/halcyon.schema.json", halcyon::app::settings_schema()) && written;
    if (argc == 3)
        written = write(std::string(argv[2]) + "/metrics.md", halcyon::admin::metrics_reference()) && written;
    return written ? 0 : 1;
}
