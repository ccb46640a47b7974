using Granary.Runtime;

namespace Granary.Samples.Upcasting;

/// <summary>Reads an event of schema 1 as one of schema 2. What is stored does not change.</summary>
internal sealed class SplitName : IUpcaster
{
    public string EventType => "customer-named";

    public int SchemaVersion => 1;

    public IEnumerable<UpcastEvent> Upcast(UpcastEvent old)
    {
        var name = old.Payload["name"]!.GetValue<string>();
        var space = name.LastIndexOf(' ');
        yield return old with
        {
            SchemaVersion = 2,
            Payload = new() { ["given"] = name[..space], ["family"] = name[(space + 1)..] },
        };
    }
}
