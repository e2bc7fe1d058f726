#pragma once

#include "ui/theme/theme.h"

#include <QApplication>

#include <memory>

namespace trendscope::ui {

/// The Qt application with our look: one font, one palette, one style sheet.
class Application {
public:
    enum class Display {
        Window,    ///< the platform's own
        Offscreen, ///< pictures only: no display is needed
    };

    /// Make one, first of all, in the main thread.
    Application(Display display, const std::string &themeName);

    /// Whether windows can be shown: a display answers, or a Qt platform was chosen by hand.
    static bool hasDisplay();

    const Theme &theme() const { return m_theme; } ///< changes in place
    void switchTheme();
    int run();

private:
    void applyTheme();

    int m_argumentCount = 1;
    std::string m_name = "trendscope";
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): what main() gets
    char *m_arguments[2] = {m_name.data(), nullptr}; // QApplication keeps references to both
    std::unique_ptr<QApplication> m_application;
    Theme m_theme;
};

} // namespace trendscope::ui
