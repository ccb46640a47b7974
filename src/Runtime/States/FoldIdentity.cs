using System.IO.Hashing;
using System.Reflection;
using System.Text;

namespace Granary.Runtime;

/// <summary>
/// Implemented by a grain or an <see cref="IEventCodec{TEvent}"/> whose state depends on more code than the state's own
/// <c>Apply</c>. Snapshots with another identity are ignored.
/// </summary>
public interface IFoldIdentity
{
    /// <summary>
    /// Names the code that takes part in the fold, and its versions; the same in every process with the same code.
    /// </summary>
    string FoldIdentity { get; }
}

/// <summary>Identifies the code by which a grain's events are folded into its state.</summary>
internal static class FoldFingerprint
{
    /// <summary>A hash of the grain's class, its codec, and what they depend on.</summary>
    public static string Of(Type grainClass, object grain, object codec) => Hash(
        $"{NameOf(grainClass)};{(grain as IFoldIdentity)?.FoldIdentity};{(codec as IFoldIdentity)?.FoldIdentity}");

    /// <summary>A class with its <see cref="FoldVersionAttribute"/>, and the base classes that have one.</summary>
    public static string NameOf(Type type)
    {
        var name = $"{type}#{VersionOf(type)}";
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (VersionOf(at) is var version and not 0) name += $",{at}#{version}";
        }

        return name;
    }

    /// <summary>The version of a class itself; 0 where it has none.</summary>
    public static int VersionOf(Type type) =>
        type.GetCustomAttribute<FoldVersionAttribute>(inherit: false)?.Version ?? 0;

    /// <summary>The XxHash64 of a text, as 16 characters.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(text)));
}
