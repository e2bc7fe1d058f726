#include "ui/shell/application.h"

#include "ui/theme/icons.h"

#include <QDir>
#include <QFileInfo>
#include <QLibrary>
#include <QLibraryInfo>
#include <QStyleFactory>
#include <QTemporaryDir>

#include <cstdio>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int fontSize = 13;

/// Whether an X server answers. Qt would abort where none does, so it is asked before, through the
/// library that Qt's own plugin uses; a DISPLAY that was left over from another session is common.
bool hasX()
{
    if (!qEnvironmentVariableIsSet("DISPLAY"))
        return false;
    QLibrary xcb(u"xcb"_s, 1);
    using Connect = void *(*)(const char *, int *);
    using HasError = int (*)(void *);
    const auto connect = reinterpret_cast<Connect>(xcb.resolve("xcb_connect"));
    const auto hasError = reinterpret_cast<HasError>(xcb.resolve("xcb_connection_has_error"));
    if (!connect || !hasError)
        return false;
    // The connection stays open until the process ends: a server that is left by its only client
    // may start anew, and Qt's own connection would meet it in the middle of that.
    return hasError(connect(nullptr, nullptr)) == 0;
}

/// Whether Qt's Wayland plugin is installed and the compositor's socket is there.
bool hasWayland()
{
    const QString name = qEnvironmentVariable("WAYLAND_DISPLAY");
    if (name.isEmpty())
        return false;
    const QDir plugins(QLibraryInfo::path(QLibraryInfo::PluginsPath) + u"/platforms"_s);
    const QString socket = QDir(qEnvironmentVariable("XDG_RUNTIME_DIR")).filePath(name);
    return !plugins.entryList({u"libqwayland*"_s}).isEmpty() && QFileInfo::exists(socket);
}

/// A runtime directory for as long as this lives, where the session has none. QApplication looks
/// for a Wayland socket in it, whatever the platform; without one Qt would say so on standard error
/// and leave a directory of its own in the temporary one.
class RuntimeDirectory {
public:
    RuntimeDirectory()
    {
        if (!qEnvironmentVariableIsEmpty(variable))
            return;
        m_directory.emplace(QDir::tempPath() + u"/trendscope-runtime-XXXXXX"_s);
        if (m_directory->isValid())
            qputenv(variable, QFile::encodeName(m_directory->path()));
    }
    ~RuntimeDirectory()
    {
        if (m_directory)
            qunsetenv(variable);
    }
    Q_DISABLE_COPY_MOVE(RuntimeDirectory)

private:
    static constexpr const char *variable = "XDG_RUNTIME_DIR";
    std::optional<QTemporaryDir> m_directory;
};

/// Qt 6.4 says this of every request that waits while another is refused; it is nothing that
/// anybody could act on.
void printMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    if (!message.startsWith("QNetworkReplyImplPrivate::error: Internal problem"_L1))
        std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, message)));
}

std::unique_ptr<QApplication> makeApplication(Application::Display display, int &count,
                                              char **arguments)
{
    if (display == Application::Display::Offscreen)
        qputenv("QT_QPA_PLATFORM", "offscreen");
    qInstallMessageHandler(printMessage);
    const RuntimeDirectory runtime;
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
    // Pictures are drawn in windows too; the last of them gone is not the end.
    QApplication::setQuitOnLastWindowClosed(display == Display::Window);
    applyTheme();
}

bool Application::hasDisplay()
{
    return qEnvironmentVariableIsSet("QT_QPA_PLATFORM") || hasWayland() || hasX();
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
