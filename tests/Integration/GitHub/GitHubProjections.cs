namespace Granary.Tests.Integration;

/// <summary>A repository, of the events of its own stream and of the installations that name it.</summary>
public sealed record RepositoryModel
{
    public int Events { get; init; }

    public int Stars { get; init; }

    public int Forks { get; init; }

    public int OpenIssues { get; init; }

    public int Installations { get; init; }

    public Dictionary<string, int> Kinds { get; init; } = [];

    public IReadOnlyList<string> Senders { get; init; } = [];

    public IReadOnlyList<string> Branches { get; init; } = [];

    public IReadOnlyList<string> Pages { get; init; } = [];

    public IReadOnlyList<string> Releases { get; init; } = [];

    public IReadOnlyList<int> PullRequests { get; init; } = [];
}

/// <summary>Many events to one model, of two categories; an installation concerns many.</summary>
[Projection("repositories")]
public sealed class Repositories : Projection<RepositoryModel>
{
    public Repositories()
    {
        Categories("repository", "owner");
        Key<GitHubEvent>(static happened => happened.Repository?.FullName);
        Keys<AppInstalled>(static installed => installed.Repositories.Select(static one => one.FullName));
        Column(static one => one.Events);
        Column(static one => one.OpenIssues);
    }

    private static RepositoryModel Apply(RepositoryModel model, GitHubEvent happened, RecordedEvent recorded)
    {
        model.Kinds[recorded.Type] = model.Kinds.GetValueOrDefault(recorded.Type) + 1;
        model = model with
        {
            Events = model.Events + 1, Senders = Names.With(model.Senders, happened.Sender?.Login),
        };
        return happened.Repository is { } now
            ? model with { Forks = now.Forks, OpenIssues = now.OpenIssues }
            : model;
    }

    private static RepositoryModel Apply(RepositoryModel model, AppInstalled installed, RecordedEvent recorded) =>
        Apply(model with { Installations = model.Installations + 1 }, (GitHubEvent)installed, recorded);

    private static RepositoryModel Apply(RepositoryModel model, CommitsPushed pushed, RecordedEvent recorded) =>
        Apply(model with { Branches = [.. model.Branches, pushed.Ref] }, (GitHubEvent)pushed, recorded);

    private static RepositoryModel Apply(RepositoryModel model, WikiChanged changed, RecordedEvent recorded) => Apply(
        model with { Pages = [.. model.Pages, .. changed.Pages.Select(static one => one.Title)] },
        (GitHubEvent)changed,
        recorded);

    private static RepositoryModel Apply(RepositoryModel model, ReleasePublished published, RecordedEvent recorded) =>
        Apply(
            model with { Releases = [.. model.Releases, published.Release.TagName] },
            (GitHubEvent)published,
            recorded);

    private static RepositoryModel Apply(RepositoryModel model, PullRequestOpened opened, RecordedEvent recorded) =>
        Apply(
            model with { PullRequests = [.. model.PullRequests, opened.PullRequest.Number] },
            (GitHubEvent)opened,
            recorded);

    private static RepositoryModel Apply(RepositoryModel model, StarGiven given, RecordedEvent recorded) =>
        Apply(model with { Stars = model.Stars + 1 }, (GitHubEvent)given, recorded);

    private static RepositoryModel Apply(RepositoryModel model, StarTaken taken, RecordedEvent recorded) =>
        Apply(model with { Stars = model.Stars - 1 }, (GitHubEvent)taken, recorded);
}

/// <summary>An account that sent an event, or that an event names.</summary>
public sealed record Contributor
{
    public int Events { get; init; }

    public Dictionary<string, int> Kinds { get; init; } = [];

    public IReadOnlyList<string> Repositories { get; init; } = [];
}

/// <summary>One event to many models: to each account that it names, once.</summary>
[Projection("contributors")]
public sealed class Contributors : Projection<Contributor>
{
    public Contributors()
    {
        Categories("repository", "owner");
        Keys<GitHubEvent>(static happened => Accounts(happened).OfType<GitHubAccount>().Select(
            static one => one.Login));
        Column(static one => one.Events);
    }

    public static Contributor Apply(Contributor model, GitHubEvent happened, RecordedEvent recorded)
    {
        model.Kinds[recorded.Type] = model.Kinds.GetValueOrDefault(recorded.Type) + 1;
        return model with
        {
            Events = model.Events + 1,
            Repositories = Names.With(model.Repositories, happened.Repository?.FullName),
        };
    }

    private static IEnumerable<GitHubAccount?> Accounts(GitHubEvent happened) =>
    [
        happened.Sender, happened.Repository?.Owner, happened switch
        {
            RepositoryForked forked => forked.Forkee.Owner,
            AppInstalled installed => installed.Installation.Account,
            PullRequestOpened opened => opened.PullRequest.User,
            ReleasePublished published => published.Release.Author,
            _ => null,
        },
    ];
}

/// <summary>
/// Sets of names, ordered, so that they do not depend on which of two partitions' events comes first.
/// </summary>
internal static class Names
{
    public static IReadOnlyList<string> With(IReadOnlyList<string> names, string? name) => name is null
        ? names
        : [.. names.Append(name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
