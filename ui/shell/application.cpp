#include "ui/shell/application.h"

#include "ui/theme/icons.h"

#include <QStyleFactory>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int fontSize = 13;

std::unique_ptr<QApplication> makeApplication(Application::Display display, int &count,
                                              char **arguments)
{
    if (display == Application::Display::Offscreen)
        qputenv("QT_QPA_PLATFORM", "offscreen");
    // The style is ours; a desktop's theme plugin would only cost start-up time.
    QApplication::setDesktopSettingsAware(false);
    QGuiApplication::setHighDpiScaleFactorRoundingPolicy(
        Qt::HighDpiScaleFactorRoundingPolicy::PassThrough);
    return std::make_unique<QApplication>(count, arguments);
}

} // namespace

Application::Application(Display display, const std::string &themeName)
    : m_application(makeApplication(display, m_argumentCount, m_arguments))
    , m_theme(themeName == "light" ? Theme::light() : Theme::dark())
{
    QApplication::setApplicationName(u"trendscope"_s);
    QApplication::setApplicationDisplayName(u"Trendscope"_s);
    QApplication::setDesktopFileName(u"trendscope"_s);
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication::setFont(textFont(fontSize));
    QApplication::setWindowIcon(lineIcon(u"trendscope"_s, m_theme.accent));
    applyTheme();
}

bool Application::hasDisplay()
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY")
        || qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
}

void Application::switchTheme()
{
    m_theme = m_theme.kind == Theme::Kind::Dark ? Theme::light() : Theme::dark();
    applyTheme();
}

void Application::applyTheme()
{
    QApplication::setPalette(m_theme.palette());
    m_application->setStyleSheet(m_theme.styleSheet());
}

int Application::run()
{
    return QApplication::exec();
}

} // namespace trendscope::ui
