using System.Globalization;
using System.Text;

namespace Granary.Testing.Conformance.Model;

/// <summary>Plays a history on a model store and on the plain one, and compares their results.</summary>
internal sealed class CommitRun(TestStore data)
{
    private static readonly ModelTable Table = new("played", new ModelColumn("amount", ModelColumnKind.Integer));
    private static readonly string[] Keys =
    [
        .. Enumerable.Range(0, CommitHistory.Keys)
            .Select(static at => string.Create(CultureInfo.InvariantCulture, $"k{at}")),
    ];

    private readonly PlainModels _plain = new();
    private readonly IModelStore[] _instances = new IModelStore[2];
    private readonly List<ModelCommit> _sent = [];
    private readonly Dictionary<string, ModelRow> _old = [];
    private int _ids;

    public async Task PlayAsync(IEnumerable<CommitStep> history)
    {
        for (var at = 0; at < _instances.Length; at++) _instances[at] = await OpenAsync();
        foreach (var step in history)
        {
            await PlayAsync(step);
            await CompareAsync(_instances[1 - step.Instance], step.Changes.Length);
        }

        foreach (var instance in _instances)
        {
            for (var variant = 0; variant < 8; variant++) await CompareAsync(instance, variant);
        }
    }

    private async Task PlayAsync(CommitStep step)
    {
        var models = _instances[step.Instance];
        switch (step.Kind)
        {
            case CommitStepKind.Commit:
                var commit = CommitOf(step);
                Assert.Equal(_plain.Commit(commit), await models.CommitAsync(commit, CancellationToken.None));
                break;
            case CommitStepKind.CommitCancelled:
                using (var cancelled = new CancellationTokenSource())
                {
                    await cancelled.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(
                        async () => await models.CommitAsync(CommitOf(step), cancelled.Token));
                }

                break;
            case CommitStepKind.DeleteCheckpoints:
                await models.DeleteCheckpointsAsync(ReaderOf(step), CancellationToken.None);
                _plain.Checkpoints.Remove(ReaderOf(step));
                break;
            case CommitStepKind.DropTable:
                await models.DropTableAsync(Table.Name, CancellationToken.None);
                await models.CreateTableAsync(Table, CancellationToken.None);
                _plain.Rows.Clear();
                break;
            case CommitStepKind.Crash:
                _instances[step.Instance] = await OpenAsync();
                break;
            default:
                await data.ReopenAsync();
                for (var at = 0; at < _instances.Length; at++) _instances[at] = await OpenAsync();
                break;
        }
    }

    private async Task<IModelStore> OpenAsync()
    {
        var models = (await data.OpenAsync()).Models!;
        await models.CreateTableAsync(Table, CancellationToken.None);
        return models;
    }

    private ModelCommit CommitOf(CommitStep step)
    {
        if (step.Retry is { } back && back < _sent.Count) return _sent[^(back + 1)];
        var advance = AdvanceOf(step);
        _sent.Add(new ModelCommit([.. step.Changes.Select(WriteOf).OfType<ModelWrite>()])
        {
            Advance = advance, Durable = step.Changes.Length % 2 == 0,
        });
        return _sent[^1];
    }

    private ModelAdvance? AdvanceOf(CommitStep step)
    {
        var (position, epoch) = _plain.At(ReaderOf(step));
        (long From, long Epoch)? move = step.Advancing switch
        {
            Advancing.FromWhereItStands => (position, epoch),
            Advancing.InANewEpoch => (position, epoch + 1),
            Advancing.FromElsewhere => (position + 1, epoch),
            Advancing.InAnOldEpoch => (position, Math.Max(0, epoch - 1)),
            _ => null,
        };
        if (move is not { } made) return null;
        var from = new GlobalPosition(made.From);
        var to = from.Plus(step.Changes.Length);
        return new ModelAdvance(
            new CheckpointAdvance(ReaderOf(step), new(step.Reader), from, to, made.Epoch), NextId(), NextId());
    }

    private ModelWrite? WriteOf(Change change)
    {
        var key = Keys[change.Key];
        var there = _plain.Rows.TryGetValue(key, out var found) ? found.Row : null;
        var expected = change.IsStale ? _old.GetValueOrDefault(key) : there;
        if (there is not null) _old[key] = there;
        if (change.Deletes) return expected is null ? null : ModelWrite.Delete(Table, expected);
        var document = Encoding.UTF8.GetBytes($"{{\"id\":{++_ids}}}");
        var position = new LogPosition(default, new(_ids));
        return ModelWrite.Put(Table, key, expected, document, [(long?)change.Amount], position);
    }

    private async Task CompareAsync(IModelStore models, int variant)
    {
        var read = await models.ReadAsync(Table, Keys, CancellationToken.None);
        Assert.Equal(
            _plain.Rows.Values.Select(static one => Shown(one.Row)),
            read.OrderBy(static row => row.Key, StringComparer.Ordinal).Select(Shown));
        for (var reader = 0; reader < CommitHistory.Readers; reader++)
        {
            Assert.Equal(
                _plain.Checkpoints.GetValueOrDefault($"r{reader}"),
                await models.ReadCheckpointAsync($"r{reader}", new(reader), CancellationToken.None));
        }

        Assert.Equal(_plain.Checkpoints.Count, (await models.ReadCheckpointsAsync(CancellationToken.None)).Count);

        var (byAmount, descending, filters) = (variant % 2 == 0, variant / 2 % 2 == 0, variant / 4 % 2 == 0);
        var amount = Table.Columns[0];
        var query = new ModelQuery(Table)
        {
            Conditions = filters ? [] : [new(amount, ModelComparison.GreaterOrEqual, 1L)],
            OrderBy = byAmount ? amount : null,
            Descending = descending,
            Limit = 1 + (variant % 3),
        };
        Assert.Equal(_plain.Find(byAmount, descending, filters ? null : 1), await KeysAsync(models, query));
    }

    private static async Task<List<string>> KeysAsync(IModelStore models, ModelQuery query)
    {
        var keys = new List<string>();
        while (true)
        {
            var page = await models.QueryAsync(query, CancellationToken.None);
            keys.AddRange(page.Rows.Select(static row => row.Key));
            if (page.Next is null) return keys;
            Assert.InRange(keys.Count, 1, CommitHistory.Keys);
            query = query with { After = page.Next };
        }
    }

    // The documents are short and have one member, so that no store writes them in another way but for space.
    private static string Shown(ModelRow row) =>
        $"{row.Key} {Encoding.UTF8.GetString(row.Document.Span).Replace(" ", "")} {row.Position} {row.Revision}";

    private static string ReaderOf(CommitStep step) => $"r{step.Reader}";

    private Guid NextId() => new(++_ids, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 1);
}
