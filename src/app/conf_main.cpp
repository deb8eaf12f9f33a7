// halcyon-conf FOLDER: writes the reference and the JSON schema of the settings, made from their table.
#include <fstream>
#include <iostream>

#include "app/settings.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: halcyon-conf FOLDER\n";
        return 2;
    }
    const std::string folder = argv[1];
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream file(folder + "/" + name, std::ios::binary | std::ios::trunc);
        file << text;
        file.close();
        if (!file) std::cerr << folder << "/" << name << " can't be written\n";
        return bool(file);
    };
    return write("halcyon.yaml", halcyon::app::settings_reference()) &&
                   write("halcyon.schema.json", halcyon::app::settings_schema())
               ? 0
               : 1;
}
