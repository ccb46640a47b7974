using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;

namespace Granary.Benchmarks;

/// <summary>The same JSON that the others write, in place of Akka's slower default.</summary>
internal sealed class NotedSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7_210;

    public override string Manifest(object o) => Noted.TypeName;

    public override byte[] ToBinary(object obj) =>
        JsonSerializer.SerializeToUtf8Bytes((Noted)obj, JsonSerializerOptions.Web);

    public override object FromBinary(byte[] bytes, string manifest) =>
        JsonSerializer.Deserialize<Noted>(bytes, JsonSerializerOptions.Web)!;
}
