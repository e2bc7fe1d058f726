#include "core/exporter/system/mount_prober_p.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace trendscope::exporter {

namespace {

using namespace std::chrono_literals;

/// So long nobody is helped who may only be busy; then as many more threads as there are.
constexpr auto patience = 50ms;
/// That may hang at once; more mount points wait for one of them.
constexpr std::size_t maxThreads = 64;

struct Question {
    std::string path;
    bool isOpen = false; ///< asked, and not answered yet
    bool isWanted = false;
    MountProber::Answer answer = {};
};

} // namespace

/// Also had by the threads, which may outlive the prober.
struct MountProber::Shared {
    std::mutex mutex;
    std::condition_variable asked;
    std::condition_variable answered;
    Ask ask;
    std::map<std::string, std::shared_ptr<Question>> questions;
    std::deque<std::shared_ptr<Question>> waiting;
    std::size_t threads = 0;
    std::size_t idle = 0;
    std::size_t open = 0; ///< questions of the current round
    bool isEnding = false;

    void addThreads(const std::shared_ptr<Shared> &self, std::size_t count);
    void work(std::unique_lock<std::mutex> &lock);
    void askAll(const std::vector<std::string> &paths);
};

void MountProber::Shared::addThreads(const std::shared_ptr<Shared> &self, std::size_t count)
{
    for (; count > 0 && threads < maxThreads; --count) {
        ++threads;
        std::thread([self] {
            std::unique_lock lock(self->mutex);
            self->work(lock);
            --self->threads;
        }).detach();
    }
}

/// Ends where another thread waits already: what is usual needs one.
void MountProber::Shared::work(std::unique_lock<std::mutex> &lock)
{
    while (!isEnding) {
        if (waiting.empty()) {
            if (idle > 0)
                return;
            ++idle;
            asked.wait(lock);
            --idle;
            continue;
        }
        const std::shared_ptr<Question> question = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        Answer answer;
        answer.isThere = ask(question->path.c_str(), &answer.space) == 0;
        lock.lock();
        question->answer = answer;
        question->isOpen = false;
        answered.notify_all();
    }
}

void MountProber::Shared::askAll(const std::vector<std::string> &paths)
{
    for (auto &[path, question] : questions)
        question->isWanted = false;
    for (const std::string &path : paths) {
        auto &question = questions[path];
        if (!question)
            question = std::make_shared<Question>(Question{.path = path});
        if (!question->isOpen && !question->isWanted) {
            question->isOpen = true;
            waiting.push_back(question);
        }
        question->isWanted = true;
    }
    std::erase_if(questions, [](const auto &entry) {
        return !entry.second->isWanted && !entry.second->isOpen;
    });
}

MountProber::MountProber(Ask ask)
    : d(std::make_shared<Shared>())
{
    d->ask = std::move(ask);
}

MountProber::~MountProber()
{
    const std::lock_guard lock(d->mutex);
    d->isEnding = true;
    d->asked.notify_all();
}

std::vector<MountProber::Answer> MountProber::ask(const std::vector<std::string> &paths,
                                                  Clock::time_point deadline)
{
    std::unique_lock lock(d->mutex);
    const std::size_t before = d->waiting.size(); // what there was no thread for
    d->askAll(paths);
    std::vector<std::shared_ptr<Question>> fresh(
        d->waiting.begin() + static_cast<std::ptrdiff_t>(before), d->waiting.end());
    const auto areAnswered = [&] {
        return std::none_of(fresh.begin(), fresh.end(),
                            [](const auto &question) { return question->isOpen; });
    };
    if (d->idle == 0)
        d->addThreads(d, 1);
    d->asked.notify_one();
    std::size_t helpers = 1;
    while (!d->answered.wait_until(lock, std::min(deadline, Clock::now() + patience), areAnswered)
           && Clock::now() < deadline) {
        d->addThreads(d, std::min(helpers, d->waiting.size()));
        helpers *= 2;
    }

    std::vector<Answer> answers;
    for (const std::string &path : paths) {
        const Question &question = *d->questions.at(path);
        answers.push_back(question.isOpen ? Answer() : question.answer);
    }
    return answers;
}

} // namespace trendscope::exporter
