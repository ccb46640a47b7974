namespace Granary.Storage.Sqlite;

/// <summary>The names of the streams, in the order of their index: by category, then by key, as bytes.</summary>
internal sealed class CatalogStatements(SqliteSession session)
{
    // The index finds the number; the row of that number has to be the same name. A stream whose head is at position 0
    // had no event when that was flushed.
    private const string Select =
        "SELECT f.category, f.key, s.category = f.category AND s.key = f.key, h.position "
        + "FROM streams AS f LEFT JOIN streams AS s ON s.id = f.id LEFT JOIN heads AS h ON h.stream = f.id ";

    private readonly SqliteSession _session = session;

    private readonly Lazy<Statement> _all = session.PrepareLazily(SqlOf(isOfCategory: false));
    private readonly Lazy<Statement> _category = session.PrepareLazily(SqlOf(isOfCategory: true));

    /// <summary>The SQL of a page: of the category ?1 after the key ?2, or of all after both.</summary>
    public static string SqlOf(bool isOfCategory) => Select
        + (isOfCategory ? "WHERE f.category = ?1 AND f.key > ?2 " : "WHERE (f.category, f.key) > (?1, ?2) ")
        + "ORDER BY f.category, f.key LIMIT ?3";

    /// <summary>The next streams, and of each whether it may be one that never had an event.</summary>
    /// <param name="category">The category; null for all.</param>
    /// <param name="after">Where to begin; null for the start. Of the category, where there is one.</param>
    /// <param name="limit">How many at most.</param>
    public List<(StreamName Name, bool MayBeEmpty)> Read(string? category, StreamName? after, int limit)
    {
        var statement = (category is null ? _all : _category).Value
            .BindText(1, category ?? after?.Category ?? "").BindText(2, after?.Key ?? "").Bind(3, limit);
        var found = new List<(StreamName, bool)>();
        try
        {
            while (statement.Step())
            {
                if (statement.Int64(2) != 1)
                    throw _session.Corrupt("the names of streams and the index of names contradict each other");
                var mayBeEmpty = !statement.IsNull(3) && statement.Int64(3) == 0;
                found.Add((new StreamName(statement.Text(0), statement.Text(1)), mayBeEmpty));
            }

            return found;
        }
        catch (Exception fault) when (fault is ArgumentException or LimitExceededException)
        {
            throw _session.Corrupt("the name of a stream is not valid");
        }
        finally
        {
            statement.Reset();
        }
    }
}
