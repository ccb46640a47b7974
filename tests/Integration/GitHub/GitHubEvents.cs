using System.Text.Json.Serialization;

namespace Granary.Tests.Integration;

/// <summary>What projections read of a payload; its other members are left out.</summary>
public abstract record GitHubEvent
{
    public GitHubRepository? Repository { get; init; }

    public GitHubAccount? Sender { get; init; }
}

[Alias("fork")]
public sealed record RepositoryForked : GitHubEvent
{
    public required GitHubRepository Forkee { get; init; }
}

[Alias("gollum")]
public sealed record WikiChanged : GitHubEvent
{
    public required IReadOnlyList<GitHubPage> Pages { get; init; }
}

[Alias("installation.created")]
public sealed record AppInstalled : GitHubEvent
{
    public required GitHubInstallation Installation { get; init; }

    public required IReadOnlyList<GitHubRepository> Repositories { get; init; }
}

[Alias("label.edited")]
public sealed record LabelEdited : GitHubEvent;

[Alias("pull_request.opened")]
public sealed record PullRequestOpened : GitHubEvent
{
    [JsonPropertyName("pull_request")]
    public required GitHubPullRequest PullRequest { get; init; }
}

[Alias("push")]
public sealed record CommitsPushed : GitHubEvent
{
    public required string Ref { get; init; }
}

[Alias("release.published")]
public sealed record ReleasePublished : GitHubEvent
{
    public required GitHubRelease Release { get; init; }
}

[Alias("security_advisory.published")]
public sealed record AdvisoryPublished : GitHubEvent;

[Alias("star.created")]
public sealed record StarGiven : GitHubEvent;

[Alias("star.deleted")]
public sealed record StarTaken : GitHubEvent;

public sealed record GitHubAccount(string Login);

public sealed record GitHubInstallation(GitHubAccount Account);

public sealed record GitHubPage(string Title);

public sealed record GitHubPullRequest(int Number, GitHubAccount User);

public sealed record GitHubRelease([property: JsonPropertyName("tag_name")] string TagName, GitHubAccount Author);

public sealed record GitHubRepository
{
    [JsonPropertyName("full_name")]
    public required string FullName { get; init; }

    public GitHubAccount? Owner { get; init; }

    [JsonPropertyName("forks_count")]
    public int Forks { get; init; }

    [JsonPropertyName("open_issues_count")]
    public int OpenIssues { get; init; }
}
